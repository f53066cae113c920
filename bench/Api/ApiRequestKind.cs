namespace Appliance.Bench.Api;

/// <summary>A request that dashboards, probes and scrapers make.</summary>
/// <param name="Name">As tables call it.</param>
/// <param name="Path">What is asked for.</param>
/// <param name="Share">Of 20 requests, how many are of this kind.</param>
public sealed record ApiRequestKind(string Name, string Path, int Share)
{
    /// <summary>The mix: most are probes and status, as dashboards ask for it, some are pages of connections, events and metrics.</summary>
    public static IReadOnlyList<ApiRequestKind> Mix { get; } =
    [
        new("healthz", "/healthz", 4),
        new("status", "/api/v1/status", 8),
        new("flows, page of 50", "/api/v1/flows?limit=50&offset=100&sort=-age", 4),
        new("events", "/api/v1/events", 2),
        new("metrics", "/metrics", 2),
    ];

    /// <summary>The kinds of a long row of requests, evenly mixed.</summary>
    public static IReadOnlyList<ApiRequestKind> Round { get; } =
        [.. Mix.SelectMany(kind => Enumerable.Range(0, kind.Share).Select(i => (Kind: kind, Place: (i + 0.5) / kind.Share))).OrderBy(entry => entry.Place).Select(entry => entry.Kind)];
}
