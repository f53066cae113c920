namespace Appliance.Bench.Compare;

/// <summary>What one product does while nothing fails.</summary>
public sealed record SteadyRun
{
    /// <summary>Counts the rounds from 1.</summary>
    public required int Round { get; init; }

    /// <summary>The product.</summary>
    public required Product Product { get; init; }

    /// <summary>One download at full speed, Gbit/s of payload.</summary>
    public required double DownGbit { get; init; }

    /// <summary>One upload at full speed, Gbit/s of payload.</summary>
    public required double UpGbit { get; init; }

    /// <summary>CPU seconds of the whole machine per gigabyte (10⁹ bytes) downloaded.</summary>
    public required double DownCpu { get; init; }

    /// <summary>Requests per second that many connections get answered which send the next one a millisecond after an answer.</summary>
    public required double RequestsPerSecond { get; init; }

    /// <summary>Round trip at 2,000 messages/s in microseconds: median.</summary>
    public required double P50Us { get; init; }

    /// <summary>99th percentile.</summary>
    public required double P99Us { get; init; }

    /// <summary>99.9th percentile.</summary>
    public required double P999Us { get; init; }

    /// <summary>99.9th percentile while the first node's server is stopped for 20 ms at random moments.</summary>
    public required double PausedP999Us { get; init; }

    /// <summary>CPU seconds per second at 2,000 messages/s: the gateway's program or HAProxy.</summary>
    public required double GatewayCpu { get; init; }

    /// <summary>All programs on the first node.</summary>
    public required double Node1Cpu { get; init; }

    /// <summary>All programs on the second node.</summary>
    public required double Node2Cpu { get; init; }

    /// <summary>Interrupts and soft interrupts of the machine: most of the network's work, all roles together.</summary>
    public required double InterruptCpu { get; init; }

    /// <summary>Connections lost.</summary>
    public required int Lost { get; init; }

    /// <summary>Bytes that differed from what they had to be.</summary>
    public required long BytesCorrupted { get; init; }
}
