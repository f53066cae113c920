using Appliance.Lab.Savefiles;

namespace Appliance.Lab.Compare;

/// <summary>Does to two instances of a server what recorded clients did to another one, and compares what the two say.</summary>
public static class SavefileComparison
{
    /// <summary>Does it to both at the same time.</summary>
    public static async Task<ComparisonReport> RunAsync(IReadOnlyList<RecordedStream> streams, ReplayOptions first, ReplayOptions second, CancellationToken cancellation)
    {
        var replayers = new[] { first, second }.Select(o => new Replayer(o with { KeepsOutput = true }, TimeProvider.System)).ToArray();
        // At the same time, as active replication does it: what depends on the clock differs by as little as it would there.
        var reports = await Task.WhenAll(replayers.Select(r => r.RunAsync(streams, cancellation)));
        var (ones, others) = (replayers[0].Outputs, replayers[1].Outputs);
        var both = ones.Keys.Intersect(others.Keys).Order().ToList();
        var differences = both
            .Select(i => (Flow: streams[i].Flow.ToString(), Difference: DifferenceJudge.Compare(ones[i], others[i])))
            .Where(d => d.Difference is not null)
            .Select(d => KeyValuePair.Create(d.Flow, d.Difference!))
            .ToList();
        var problems = reports.Zip(new[] { first, second }).SelectMany(p => p.First.Mismatches.Select(m => $"{p.Second.Target.Host}: {m}")).ToList();
        return new ComparisonReport(both.Count, both.Sum(i => (long)ones[i].Bytes.Length), differences, problems);
    }
}
