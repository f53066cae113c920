using System.CommandLine;
using System.Text.Json;
using Appliance.Lab.Faults;
using Appliance.Lab.State;

namespace Appliance.Lab.Commands;

/// <summary><c>lab fault</c>.</summary>
internal static class FaultCommand
{
    private const string Help = """
        Break something, or heal it:
          crash NODE              cut the node's link and kill every process of it
          cut NODE                cut the node's link only
          kill-app NODE           SIGKILL to what listens on the node
          hang-app NODE [SECONDS] SIGSTOP to what listens on the node
          tap-loss 5%             lose that share of the copies to the backup; 0 ends it
          crash gateway           SIGKILL to the gateway's program
          heal NODE|gateway|all   undo; a crashed node comes back as after a reboot
        NODE is primary or backup, by the role held now, or node1 or node2.
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var fault = new Argument<string>("fault") { Description = "The fault's name" };
        var arguments = new Argument<string[]>("arguments") { Description = "What the fault needs", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("fault", Help) { fault, arguments, CommonOptions.Json };
        command.SetAction((parsed, cancellation) => CommandGuard.RunAsync(() => RunAsync(
            parsed.GetValue(CommonOptions.Name)!,
            parsed.GetValue(fault)!,
            parsed.GetValue(arguments) ?? [],
            parsed.GetValue(CommonOptions.Json),
            cancellation)));
        return command;
    }

    private static async Task<int> RunAsync(string name, string fault, string[] arguments, bool json, CancellationToken cancellation)
    {
        if (!FaultRequest.TryParse(fault, arguments, out var request, out var error))
        {
            throw new LabException(LabFailure.InvalidArgument, error);
        }

        using var laboratory = Laboratory.Attach(name);
        var record = await laboratory.FaultAsync(request, cancellation);
        Console.WriteLine(json
            ? JsonSerializer.Serialize(record, LabJson.Compact)
            : $"{StatusTable.Describe(record)}: took {(record.DoneNs - record.AtNs) / 1e6:0.00} ms");
        return 0;
    }
}
