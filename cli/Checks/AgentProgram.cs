using System.Diagnostics;
using System.Text.Json;

namespace Appliance.Cli.Checks;

/// <summary>The appliance's programs, which check what they need themselves.</summary>
public static class AgentProgram
{
    /// <summary>Where a package puts them: beside this one.</summary>
    public static string Installed(CheckRole role) => Path.Combine(AppContext.BaseDirectory, role switch
    {
        CheckRole.Gateway => "appliance-gateway",
        CheckRole.Primary => "appliance-primary-node",
        _ => "appliance-backup-node",
    });

    /// <summary>Has one check, and returns what it says.</summary>
    /// <exception cref="CliException">It is not there, or says nothing.</exception>
    internal static async Task<JsonElement> CheckAsync(string program, string configuration, CancellationToken cancellation)
    {
        if (!File.Exists(program))
        {
            throw new CliException(ExitCode.Misused, $"{program} is missing: a machine is checked with the program that is to run there.");
        }
        using var process = Process.Start(new ProcessStartInfo(program, ["--config", configuration, "--check"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(output);
        }
        catch (JsonException e)
        {
            throw new CliException(ExitCode.Refused, $"{program} --check has ended with {process.ExitCode}, and has not said what it found.", e);
        }
    }
}
