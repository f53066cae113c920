using System.Text.Json.Serialization;

namespace Appliance.Lab.Traffic.Measure;

/// <summary>Where the traffic stands.</summary>
/// <param name="Seconds">Since the start.</param>
/// <param name="Connected">Connections that were established, lost ones included.</param>
/// <param name="ConnectRetries">Attempts to connect beyond the first of each connection.</param>
/// <param name="Lost">Connections lost so far.</param>
/// <param name="Echoes">Echo messages that came back.</param>
/// <param name="BytesVerified">Bytes found equal.</param>
/// <param name="BytesCorrupted">Bytes found different.</param>
/// <param name="DownloadFraction">Share of all download bytes done; 1 when there are no downloads.</param>
/// <param name="UploadFraction">Share of all upload bytes done; 1 when there are no uploads.</param>
/// <param name="StreamsRunning">Streams that have not ended.</param>
/// <param name="MaxGapMs">Worst wait of any connection so far, in milliseconds.</param>
public sealed record TrafficProgress(
    double Seconds,
    int Connected,
    int ConnectRetries,
    int Lost,
    long Echoes,
    long BytesVerified,
    long BytesCorrupted,
    double DownloadFraction,
    double UploadFraction,
    int StreamsRunning,
    double MaxGapMs)
{
    /// <summary>Tells the JSON lines apart.</summary>
    [JsonPropertyOrder(-1)]
    public string Type => "progress";
}
