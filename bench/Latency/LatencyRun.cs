using Appliance.Bench.Forwarding;

namespace Appliance.Bench.Latency;

/// <summary>Round trips of echo messages over one path for a few seconds, in microseconds.</summary>
/// <param name="Round">Counts the rounds from 1.</param>
/// <param name="Path">The path.</param>
/// <param name="Echoes">Messages that came back.</param>
/// <param name="P50Us">Median.</param>
/// <param name="P99Us">99th percentile.</param>
/// <param name="P999Us">99.9th percentile.</param>
/// <param name="MaxUs">The longest.</param>
/// <param name="CloseP50Us">From the client's FIN to the server's, median.</param>
/// <param name="CloseP99Us">The same, 99th percentile.</param>
/// <param name="Lost">Connections lost.</param>
public sealed record LatencyRun(
    int Round, ForwardingPath Path, long Echoes, double P50Us, double P99Us, double P999Us, double MaxUs, double CloseP50Us, double CloseP99Us, int Lost);
