using System.Text.Json.Serialization;

namespace Appliance.Lab.Demo.Reports;

/// <summary>One failover, step by step: milliseconds after the fault; null for a step that was not observed.</summary>
/// <param name="FaultNs">When the fault was made, in nanoseconds of CLOCK_MONOTONIC.</param>
/// <param name="DetectedMs">The gateway decided that the node is dead.</param>
/// <param name="FencedMs">Nothing from the dead node reaches a client any more; clients' segments go to the other one.</param>
/// <param name="OrderedMs">The order to take over was sent.</param>
/// <param name="ReceivedMs">The backup received it.</param>
/// <param name="FirstSegmentMs">The backup's first segment left.</param>
/// <param name="FirstDataMs">A client received data again.</param>
public sealed record FailoverTimeline(
    long FaultNs,
    double? DetectedMs,
    double? FencedMs,
    double? OrderedMs,
    double? ReceivedMs,
    double? FirstSegmentMs,
    double? FirstDataMs)
{
    /// <summary>From the fault to the decision, in milliseconds.</summary>
    [JsonIgnore]
    public double? DetectionMs => DetectedMs;

    /// <summary>From the order's arrival at the backup to its first segment on the wire, in milliseconds.</summary>
    [JsonIgnore]
    public double? TakeoverMs => FirstSegmentMs - ReceivedMs is { } span ? Round(span) : null;

    /// <summary>Relates the gateway's and the client's times to the fault.</summary>
    /// <param name="faultNs">When the fault was made.</param>
    /// <param name="failover">The gateway's event; null when there was none.</param>
    /// <param name="firstDataNs">When a client received data from the backup; null when none did.</param>
    public static FailoverTimeline Create(long faultNs, GatewayEventRecord? failover, long? firstDataNs) => new(
        faultNs,
        Since(faultNs, failover?.DecidedNs),
        Since(faultNs, failover?.FencedNs),
        Since(faultNs, failover?.OrderedNs),
        Since(faultNs, failover?.ReceivedNs),
        Since(faultNs, failover?.FirstSegmentNs),
        Since(faultNs, firstDataNs))
    {
        Cause = failover?.Cause,
        Epoch = failover?.Epoch,
    };

    /// <summary>Why the gateway acted, in its word.</summary>
    public string? Cause { get; init; }

    /// <summary>Epoch of the order.</summary>
    public long? Epoch { get; init; }

    /// <summary>The observed steps, in order.</summary>
    public IReadOnlyList<TimelineStep> Steps(string firstData)
    {
        (string Text, double? Ms)[] steps =
        [
            ("fault", 0),
            ("detected", DetectedMs),
            ("fenced", FencedMs),
            ("ordered", OrderedMs),
            ("order received by the backup", ReceivedMs),
            ("first segment from the backup", FirstSegmentMs),
            (firstData, FirstDataMs),
        ];
        return [.. steps.Where(step => step.Ms is not null).Select(step => new TimelineStep(step.Text, step.Ms!.Value))];
    }

    private static double? Since(long faultNs, long? timeNs) => timeNs is null or 0 ? null : Round((timeNs.Value - faultNs) / 1e6);

    private static double Round(double milliseconds) => Math.Round(milliseconds, 3);
}
