using System.CommandLine;
using Appliance.Lab.Processes;

namespace Appliance.Lab.Commands;

/// <summary><c>lab exec</c>: this process becomes the command, on a host of the lab.</summary>
internal static class ExecCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var host = new Argument<string>("host") { Description = "client, gateway, primary, backup, node1, node2 or switch" };
        var line = new Argument<string[]>("command") { Description = "The command and its arguments, after --", Arity = ArgumentArity.OneOrMore };
        var command = new Command("exec", "Run a command on a host, in the foreground") { host, line };
        command.SetAction((parsed, cancellation) => CommandGuard.RunAsync(() => RunAsync(
            parsed.GetValue(CommonOptions.Name)!,
            parsed.GetValue(host)!,
            parsed.GetValue(line)!,
            cancellation)));
        return command;
    }

    private static async Task<int> RunAsync(string name, string host, string[] line, CancellationToken cancellation)
    {
        using var laboratory = Laboratory.Attach(name);
        var target = await laboratory.ResolveAsync(host, cancellation);
        ProcessReplacement.Become(laboratory.CommandOn(target, line));
        return 0;
    }
}
