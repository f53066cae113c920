namespace Appliance.Bench.Hot;

/// <summary>One failure that nobody detects for a while, under traffic whose output is hot.</summary>
/// <param name="Round">Counts the rounds from 1.</param>
/// <param name="Traffic">What was on the wire.</param>
/// <param name="Failure">What failed.</param>
/// <param name="CalmGapMs">Longest wait of any connection before it, over <see cref="HotRunner.CalmTime"/>.</param>
/// <param name="GapMs">Longest wait of any connection from the failure on, over as long.</param>
/// <param name="GapAtMs">When that wait began, counted from the failure; null where it was too short to be noted.</param>
/// <param name="Connections">Connections that were open.</param>
/// <param name="Lost">Of these, the ones that were lost.</param>
/// <param name="BytesCorrupted">Bytes that differed from what they had to be.</param>
public sealed record HotRun(int Round, HotTraffic Traffic, HotFailure Failure, double CalmGapMs, double GapMs, double? GapAtMs, int Connections, int Lost, long BytesCorrupted)
{
    /// <summary>What clients noticed of it.</summary>
    public double NoticedMs => GapMs - CalmGapMs;
}
