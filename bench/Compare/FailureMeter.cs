namespace Appliance.Bench.Compare;

/// <summary>Makes a failure under open connections, in a lab of its own.</summary>
public sealed class FailureMeter(BenchContext context)
{
    private const int LeastThinkMs = 20;
    private const double MessagesPerSecond = 5_000;
    private static readonly TimeSpan s_tail = TimeSpan.FromSeconds(3);

    /// <summary>Makes it.</summary>
    /// <param name="round">Counts the rounds from 1.</param>
    /// <param name="product">The product.</param>
    /// <param name="failure">What happens.</param>
    /// <param name="connections">Echo connections.</param>
    /// <param name="detection">How long a node may be silent; null for the lab's default.</param>
    /// <param name="cancellation">Ends everything.</param>
    public async Task<FailureRun> RunAsync(int round, Product product, Failure failure, int connections, TimeSpan? detection, CancellationToken cancellation)
    {
        await using var lab = await ComparedLab.UpAsync(product, detection, cancellation);
        var turn = Math.Max(LeastThinkMs, connections / MessagesPerSecond * 1000);
        var client = await lab.ConnectAsync(connections, cancellation, "--connections", $"{connections}", "--think-ms", $"{turn:0}", "--wait-stop");
        await Task.Delay(context.RandomTime(1000, 2000), cancellation);
        await client.ForgetGapsAsync(cancellation);
        await lab.FailAsync(failure, cancellation);
        await Task.Delay(s_tail + TimeSpan.FromMilliseconds(1.5 * turn), cancellation);
        var report = await client.StopAsync(cancellation);
        if (report.BytesCorrupted > 0 || (report.Lost > 0 && Products.OutputOf(product) is not null))
        {
            context.KeepLogs(lab.Lab, $"{Products.NameOf(product)}, {failure}: {report.Lost} lost, {report.BytesCorrupted} bytes corrupted", report.Errors);
        }

        return new FailureRun(round, product, failure, report.Connections, report.Lost, report.BytesCorrupted, report.Survived > 0 ? report.MaxGapMs : null);
    }
}
