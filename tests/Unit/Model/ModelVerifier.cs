using System.ComponentModel;
using System.Diagnostics;

namespace Appliance.Tests.Unit.Model;

/// <summary>The verifier that spin makes of docs/model/control.pml, in a directory of its own.</summary>
internal sealed class ModelVerifier : IDisposable
{
    private static readonly string Model = Path.Combine(AppContext.BaseDirectory, "control.pml");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("appliance-model");

    private ModelVerifier()
    {
    }

    /// <summary>Generates and compiles the verifier of a variant.</summary>
    /// <param name="macros">The property, and the mutation if there is one.</param>
    /// <param name="optimised">Worth it for a complete search.</param>
    public static async Task<ModelVerifier> BuildAsync(string[] macros, bool optimised, CancellationToken cancellation)
    {
        var verifier = new ModelVerifier();
        try
        {
            await verifier.RequireAsync("spin", "spin", [.. macros.Select(m => $"-D{m}"), "-a", Model], cancellation);
            await verifier.RequireAsync(
                "cc", "gcc and libc6-dev", [optimised ? "-O2" : "-O0", "-w", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=4000", "-o", "pan", "pan.c"], cancellation);
            return verifier;
        }
        catch
        {
            verifier.Dispose();
            throw;
        }
    }

    /// <summary>Searches; returns the verifier's report.</summary>
    public async Task<string> SearchAsync(CancellationToken cancellation) =>
        (await RunAsync(Path.Combine(_directory.FullName, "pan"), ["-m200000"], cancellation)).Output;

    /// <summary>Removes the directory.</summary>
    public void Dispose() => _directory.Delete(recursive: true);

    private async Task RequireAsync(string program, string package, string[] arguments, CancellationToken cancellation)
    {
        try
        {
            var (exitCode, output) = await RunAsync(program, arguments, cancellation);
            Assert.AreEqual(0, exitCode, output);
        }
        catch (Win32Exception)
        {
            Assert.Inconclusive($"{program} is missing: install the Debian package {package}");
        }
    }

    private async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _directory.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output + await errors);
    }
}
