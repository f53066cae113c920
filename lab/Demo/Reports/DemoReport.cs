using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Lab.Faults;
using Appliance.Lab.State;

namespace Appliance.Lab.Demo.Reports;

/// <summary>The whole demonstration. Counts are sums over the rounds, times are the worst round's.</summary>
/// <param name="Server">The server that died.</param>
/// <param name="Fault">How.</param>
/// <param name="Seed">Repeats the plan when given again.</param>
/// <param name="ApiUrl">The gateway's REST interface while the lab stood.</param>
/// <param name="Failovers">One entry per round.</param>
public sealed record DemoReport(
    DemoServer Server,
    FaultKind Fault,
    int Seed,
    string ApiUrl,
    [property: JsonPropertyOrder(1)] IReadOnlyList<FailoverReport> Failovers)
{
    /// <summary>Connections of all rounds.</summary>
    public int Connections => Failovers.Sum(round => round.Connections);

    /// <summary>Connections that did all they had to.</summary>
    public int Survived => Failovers.Sum(round => round.Survived);

    /// <summary>Connections lost.</summary>
    public int Lost => Failovers.Sum(round => round.Lost);

    /// <summary>Bytes found equal to what they must be.</summary>
    public long BytesVerified => Failovers.Sum(round => round.BytesVerified);

    /// <summary>Bytes found different.</summary>
    public long BytesCorrupted => Failovers.Sum(round => round.BytesCorrupted);

    /// <summary>Worst wait of any connection, in milliseconds.</summary>
    public double MaxGapMs => Failovers.Select(round => round.MaxGapMs).DefaultIfEmpty().Max();

    /// <summary>Worst wait that a failover can have caused, in milliseconds; null when none is known.</summary>
    public double? FailoverGapMs => Failovers.Max(round => round.FailoverGapMs);

    /// <summary>Median over the connections of their worst wait, in milliseconds, of the worst round.</summary>
    public double MedianGapMs => Failovers.Select(round => round.MedianGapMs).DefaultIfEmpty().Max();

    /// <summary>From the fault to the gateway's decision, in milliseconds.</summary>
    public double? DetectionMs => Failovers.Max(round => round.DetectionMs);

    /// <summary>From the order's arrival at the backup to its first segment, in milliseconds.</summary>
    public double? TakeoverMs => Failovers.Max(round => round.TakeoverMs);

    /// <summary>Transactions committed; null when the traffic has none.</summary>
    public long? Transactions => Failovers.Any(round => round.Transactions is not null) ? Failovers.Sum(round => round.Transactions ?? 0) : null;

    /// <summary>Transactions that failed; null when the traffic has none.</summary>
    public long? FailedTransactions => Transactions is null ? null : Failovers.Sum(round => round.FailedTransactions ?? 0);

    /// <summary>Failovers that no fault of the demonstration called for: a node that lived was taken for dead.</summary>
    public int UnplannedFailovers { get; init; }

    /// <summary>Streams whose SHA-256 was compared and equal.</summary>
    [JsonIgnore]
    public int DigestsVerified => Failovers.Sum(round => round.Traffic.DigestsVerified);

    /// <summary>Whether every connection survived every failover and every byte was right.</summary>
    [JsonIgnore]
    public bool IsSuccess => Failovers.Count > 0 && Failovers.All(round => round.IsSuccess);

    /// <summary>The report as one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, LabJson.Compact);
}
