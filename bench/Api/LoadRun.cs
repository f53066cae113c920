namespace Appliance.Bench.Api;

/// <summary>What one stretch with traffic, requests, or both, came to.</summary>
public sealed record LoadRun
{
    /// <summary>Counts the rounds from 1.</summary>
    public required int Round { get; init; }

    /// <summary>The download that ran.</summary>
    public required LoadTraffic Traffic { get; init; }

    /// <summary>Whether requests came.</summary>
    public required bool HasRequests { get; init; }

    /// <summary>The download's speed; null without one.</summary>
    public double? GbitPerSecond { get; init; }

    /// <summary>CPU seconds per second of the gateway's program.</summary>
    public required double GatewayCpu { get; init; }

    /// <summary>CPU seconds per second of the program that asks, which is on the same machine.</summary>
    public required double AskerCpu { get; init; }

    /// <summary>Requests answered well per second; 0 without any.</summary>
    public double AnsweredPerSecond { get; init; }

    /// <summary>Requests without a good answer.</summary>
    public int Failed { get; init; }

    /// <summary>Median of all requests, in milliseconds.</summary>
    public double? P50Ms { get; init; }

    /// <summary>Their 99th percentile.</summary>
    public double? P99Ms { get; init; }

    /// <summary>Median and 99th percentile by kind.</summary>
    public IReadOnlyDictionary<string, double?[]> Kinds { get; init; } = new Dictionary<string, double?[]>(StringComparer.Ordinal);
}
