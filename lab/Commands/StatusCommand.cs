using System.CommandLine;
using System.Text.Json;
using Appliance.Lab.State;

namespace Appliance.Lab.Commands;

/// <summary><c>lab status</c>.</summary>
internal static class StatusCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("status", "Show which node holds which role, what runs, and which faults last") { CommonOptions.Json };
        command.SetAction((parsed, cancellation) => CommandGuard.RunAsync(() => RunAsync(
            parsed.GetValue(CommonOptions.Name)!,
            parsed.GetValue(CommonOptions.Json),
            cancellation)));
        return command;
    }

    private static async Task<int> RunAsync(string name, bool json, CancellationToken cancellation)
    {
        using var laboratory = Laboratory.Attach(name);
        var status = await laboratory.StatusAsync(cancellation);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(status, LabJson.Compact));
        }
        else
        {
            StatusTable.Write(status);
        }

        return 0;
    }
}
