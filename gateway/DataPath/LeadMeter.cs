using Appliance.Bpf;
using Appliance.Gateway.Metrics;

namespace Appliance.Gateway.DataPath;

/// <summary>By how much each node was first with what clients were given, of connections that hear several: the map <c>wins</c>.</summary>
public sealed class LeadMeter(BpfObject programs)
{
    /// <summary>WIN_BUCKETS in bpf/gateway.h: powers of two of a microsecond, the last one without a bound.</summary>
    private const int Buckets = 24;

    private static readonly double[] Bounds = [.. Enumerable.Range(0, Buckets - 1).Select(i => Math.ScaleB(1e-6, i))];

    private readonly PerCpuArray _wins = new(programs, "wins");

    /// <summary>Since the programs were loaded.</summary>
    public LeadReading Read(int node)
    {
        var first = node * (Buckets + 1);
        return new LeadReading(new HistogramReading(Bounds, [.. Enumerable.Range(first, Buckets).Select(i => (long)_wins.Sum(i))], _wins.Sum(first + Buckets) / 1e9));
    }
}
