using Appliance.Bench.Labs;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Compatibility;

/// <summary>A program that uses the server for some seconds, and says with its exit code whether it could; run by a shell in a directory of its own.</summary>
/// <param name="script">The command.</param>
/// <param name="isRight">Looks at what it has left in its directory, where there is something to look at.</param>
/// <param name="attempts">How often it had to connect, by its output, where it does so by itself.</param>
public sealed class ClientCommand(string script, Func<string, bool>? isRight = null, Func<string, int>? attempts = null) : IClientLoad
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(40);

    /// <inheritdoc/>
    public async Task<LoadResult> RunAsync(BenchLab lab, CancellationToken stop, CancellationToken cancellation)
    {
        var directory = Path.Combine(lab.Laboratory.Directory, "client");
        Directory.CreateDirectory(directory);
        var log = lab.Log("load");
        using var process = lab.StartProgram(LabHost.Client, ["sh", "-c", $"cd {directory} || exit; {script}"], log);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_limit);
        try
        {
            var code = await process.WaitAsync(limit.Token);
            var isLost = code != 0 || attempts?.Invoke(await File.ReadAllTextAsync(log, cancellation)) > 1;
            return new LoadResult(1, isLost ? 1 : 0, !isLost && isRight?.Invoke(directory) == false ? 1 : 0);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            process.Signal(UnixSignal.Kill);
            return new LoadResult(1, 1, 0);
        }
    }
}
