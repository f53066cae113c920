using System.Text.Json.Serialization;

namespace Appliance.Lab.Traffic.Measure;

/// <summary>What became of all connections.</summary>
/// <param name="Connections">Connections asked for: echo, downloads and uploads.</param>
/// <param name="Survived">Those that did all they had to.</param>
/// <param name="Lost">Those reset, closed early, unanswered at the end, corrupted, or never established.</param>
/// <param name="Unclosed">Survivors whose server did not answer the orderly close in time.</param>
/// <param name="ConnectRetries">Attempts to connect beyond the first of each connection.</param>
/// <param name="Seconds">Length of the run.</param>
/// <param name="Echoes">Echo messages that came back complete and correct.</param>
/// <param name="BytesVerified">Bytes found equal to what they must be.</param>
/// <param name="BytesCorrupted">Bytes found different.</param>
/// <param name="MaxGapMs">Worst wait of any connection, in milliseconds.</param>
/// <param name="MaxGapAtNs">When it began, in nanoseconds of CLOCK_MONOTONIC.</param>
/// <param name="MedianGapMs">Median over the connections of their worst wait, in milliseconds.</param>
/// <param name="P99GapMs">99th percentile of the same, in milliseconds.</param>
/// <param name="EchoRoundTrip">Round trips of the echo messages.</param>
/// <param name="Streams">One entry per download and upload.</param>
/// <param name="Errors">The first ten failures in words.</param>
/// <param name="LargeGapCount">How many waits were longer than 5 ms.</param>
/// <param name="LargeGaps">The longest hundred of them, in the order of their start.</param>
public sealed record TrafficReport(
    int Connections,
    int Survived,
    int Lost,
    int Unclosed,
    int ConnectRetries,
    double Seconds,
    long Echoes,
    long BytesVerified,
    long BytesCorrupted,
    double MaxGapMs,
    long MaxGapAtNs,
    double MedianGapMs,
    double P99GapMs,
    EchoRoundTrip EchoRoundTrip,
    IReadOnlyList<StreamResult> Streams,
    IReadOnlyList<string> Errors,
    long LargeGapCount,
    IReadOnlyList<LargeGap> LargeGaps)
{
    /// <summary>Tells the JSON lines apart.</summary>
    [JsonPropertyOrder(-1)]
    public string Type => "report";

    /// <summary>Whether nothing was lost or corrupted.</summary>
    [JsonIgnore]
    public bool IsClean => Lost == 0 && BytesCorrupted == 0;
}
