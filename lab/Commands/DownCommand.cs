using System.CommandLine;

namespace Appliance.Lab.Commands;

/// <summary><c>lab down</c>.</summary>
internal static class DownCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("down", "Remove the lab with everything that runs in it");
        command.SetAction((parsed, _) => CommandGuard.RunAsync(() => RunAsync(parsed.GetValue(CommonOptions.Name)!)));
        return command;
    }

    private static async Task<int> RunAsync(string name)
    {
        var removed = await Laboratory.DownAsync(name);
        Console.WriteLine(removed ? $"Lab '{name}' is down." : $"There is no lab '{name}': nothing to do.");
        return 0;
    }
}
