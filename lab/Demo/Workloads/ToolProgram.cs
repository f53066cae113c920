namespace Appliance.Lab.Demo.Workloads;

/// <summary>This tool itself, as a program to be run in a namespace.</summary>
internal static class ToolProgram
{
    /// <summary>Its full path.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "appliance-lab");
}
