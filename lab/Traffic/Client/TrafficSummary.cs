using Appliance.Lab.Traffic.Measure;

namespace Appliance.Lab.Traffic.Client;

/// <summary>Adds up what the threads of a run have counted.</summary>
/// <param name="run">The run.</param>
/// <param name="echo">Its echo connections, or null when it has none.</param>
/// <param name="streams">Its streams.</param>
internal sealed class TrafficSummary(TrafficRun run, EchoClientLoop? echo, StreamTransfer[] streams)
{
    private const int ReportedGaps = 100;

    private double Seconds => (MonotonicTime.Now - run.StartedAt) / (double)MonotonicTime.Second;

    /// <summary>Where the run stands; for any thread.</summary>
    public TrafficProgress Progress() => new(
        Seconds,
        run.ConnectedCount,
        run.ConnectRetries,
        run.Lost,
        echo?.Echoes ?? 0,
        run.BytesVerified,
        run.BytesCorrupted,
        Fraction<DownloadStream>(),
        Fraction<UploadStream>(),
        streams.Count(stream => stream.Result is null),
        WorstMs());

    /// <summary>How the run ended; once all its threads have.</summary>
    public TrafficReport Report()
    {
        long[] waits = [.. echo?.WorstWaits ?? [], .. streams.Select(stream => stream.WorstWaitNs)];
        var gaps = GapStatistics.From(waits);
        int connections = run.Options.TotalConnections;
        return new TrafficReport(
            connections,
            connections - run.Lost,
            run.Lost,
            echo?.Unclosed ?? 0,
            run.ConnectRetries,
            Seconds,
            echo?.Echoes ?? 0,
            run.BytesVerified,
            run.BytesCorrupted,
            WorstMs(),
            run.Gaps.Worst.StartNs,
            MonotonicTime.ToMilliseconds(gaps.Median),
            MonotonicTime.ToMilliseconds(gaps.P99),
            EchoRoundTrip.From(echo?.RoundTrips ?? new LatencyHistogram()),
            [.. streams.Select(stream => stream.Result!)],
            run.Errors,
            run.Gaps.Count,
            run.Gaps.Longest(ReportedGaps));
    }

    private double WorstMs()
    {
        LargeGap worst = run.Gaps.Worst;
        return MonotonicTime.ToMilliseconds(worst.EndNs - worst.StartNs);
    }

    private double Fraction<T>()
        where T : StreamTransfer
    {
        T[] ofKind = [.. streams.OfType<T>()];
        double total = (double)run.Options.StreamBytes * ofKind.Length;
        return total > 0 ? ofKind.Sum(stream => stream.Transferred) / total : 1;
    }
}
