using System.Text.Json.Serialization;

namespace Appliance.Lab.Demo.Reports;

/// <summary>One round: a server died, and what became of its clients.</summary>
/// <param name="Round">Number of the round, from 1.</param>
/// <param name="Failed">Name of the node that died.</param>
/// <param name="Survivor">Name of the node that took over.</param>
/// <param name="Traffic">What the clients saw.</param>
/// <param name="Timeline">The failover, step by step.</param>
public sealed record FailoverReport(
    int Round,
    string Failed,
    string Survivor,
    [property: JsonIgnore] TrafficOutcome Traffic,
    FailoverTimeline Timeline)
{
    /// <inheritdoc cref="TrafficOutcome.Connections"/>
    public int Connections => Traffic.Connections;

    /// <inheritdoc cref="TrafficOutcome.Survived"/>
    public int Survived => Traffic.Survived;

    /// <inheritdoc cref="TrafficOutcome.Lost"/>
    public int Lost => Traffic.Lost;

    /// <inheritdoc cref="TrafficOutcome.BytesVerified"/>
    public long BytesVerified => Traffic.BytesVerified;

    /// <inheritdoc cref="TrafficOutcome.BytesCorrupted"/>
    public long BytesCorrupted => Traffic.BytesCorrupted;

    /// <inheritdoc cref="TrafficOutcome.MaxGapMs"/>
    public double MaxGapMs => Traffic.MaxGapMs;

    /// <summary>Worst wait that the failover can have caused, in milliseconds; others come from the machine's load.</summary>
    public double? FailoverGapMs => Wait.LongestAt(Traffic.LongestWaits, Timeline);

    /// <inheritdoc cref="TrafficOutcome.MedianGapMs"/>
    public double MedianGapMs => Traffic.MedianGapMs;

    /// <inheritdoc cref="FailoverTimeline.DetectionMs"/>
    public double? DetectionMs => Timeline.DetectionMs;

    /// <inheritdoc cref="FailoverTimeline.TakeoverMs"/>
    public double? TakeoverMs => Timeline.TakeoverMs;

    /// <inheritdoc cref="TrafficOutcome.Transactions"/>
    public long? Transactions => Traffic.Transactions;

    /// <inheritdoc cref="TrafficOutcome.FailedTransactions"/>
    public long? FailedTransactions => Traffic.FailedTransactions;

    /// <inheritdoc cref="TrafficOutcome.Errors"/>
    public IReadOnlyList<string> Errors => Traffic.Errors;

    /// <summary>Whether a server died without any client noticing more than a pause.</summary>
    [JsonIgnore]
    public bool IsSuccess => Traffic.IsClean && Timeline.DetectedMs is not null;
}
