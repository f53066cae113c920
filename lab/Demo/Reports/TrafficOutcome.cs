namespace Appliance.Lab.Demo.Reports;

/// <summary>What the clients of one round saw.</summary>
/// <param name="Connections">Connections that the clients asked for.</param>
/// <param name="Lost">Those reset, closed early, stalled for good, corrupted, or never established.</param>
/// <param name="BytesVerified">Bytes found equal to what they must be.</param>
/// <param name="BytesCorrupted">Bytes found different.</param>
/// <param name="MaxGapMs">Worst wait of any connection, in milliseconds.</param>
/// <param name="MedianGapMs">Median over the connections of their worst wait, in milliseconds.</param>
public sealed record TrafficOutcome(
    int Connections,
    int Lost,
    long BytesVerified,
    long BytesCorrupted,
    double MaxGapMs,
    double MedianGapMs)
{
    /// <summary>Connections that did all they had to.</summary>
    public int Survived => Connections - Lost;

    /// <summary>The longest waits.</summary>
    public IReadOnlyList<Wait> LongestWaits { get; init; } = [];

    /// <summary>Streams whose SHA-256 was compared and equal.</summary>
    public int DigestsVerified { get; init; }

    /// <summary>Transactions committed; null when the traffic has none.</summary>
    public long? Transactions { get; init; }

    /// <summary>Transactions that failed; null when the traffic has none.</summary>
    public long? FailedTransactions { get; init; }

    /// <summary>What went wrong, in words.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Whether nothing was lost and every byte is right.</summary>
    public bool IsClean => Lost == 0 && BytesCorrupted == 0 && FailedTransactions is null or 0 && Errors.Count == 0;
}
