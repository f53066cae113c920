namespace Appliance.Lab.Demo.Workloads;

/// <summary>Finds programs that have to be installed.</summary>
internal static class RequiredPrograms
{
    // What serves is often not in the PATH of ordinary users.
    private static readonly string[] s_systemDirectories = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

    /// <summary>The full path of a program along PATH.</summary>
    /// <exception cref="LabException">It is not installed; the message holds the remedy.</exception>
    public static string Find(string program, string package)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return path.Concat(s_systemDirectories)
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists)
            ?? throw Missing(program, package);
    }

    /// <summary>The error for a program that is not installed.</summary>
    public static LabException Missing(string program, string package) =>
        new(LabFailure.MissingTool, $"{program} is not installed. Install it: apt-get install {package}");
}
