namespace Appliance.Bench.Recorder;

/// <summary>One upload over one path for a few seconds.</summary>
public sealed record ForwardRun
{
    /// <summary>Counts the rounds from 1.</summary>
    public required int Round { get; init; }

    /// <summary>The path.</summary>
    public required RecorderPath Path { get; init; }

    /// <summary>The client link's rate in Gbit/s; null for no limit.</summary>
    public required double? LinkGbit { get; init; }

    /// <summary>Payload that the client counted, in Gbit/s.</summary>
    public required double GbitPerSecond { get; init; }

    /// <summary>Segments written down per second; a segment is what the kernel forwards as one, up to 64 KB.</summary>
    public double? SegmentsPerSecond { get; init; }

    /// <summary>Mean payload of a segment in bytes.</summary>
    public double? SegmentBytes { get; init; }

    /// <summary>Segments that were not written down; the recorder does not let them pass.</summary>
    public long? Missed { get; init; }

    /// <summary>Share of the segments that a replica had confirmed before they were due, so that they were not copied; 0 to 1.</summary>
    public double? PassedOver { get; init; }

    /// <summary>CPU seconds per million segments of the gateway's program or of tcpdump.</summary>
    public double? CpuPerMillion { get; init; }

    /// <summary>CPU seconds of the same per gigabyte (10⁹ bytes).</summary>
    public double? CpuPerGigabyte { get; init; }
}
