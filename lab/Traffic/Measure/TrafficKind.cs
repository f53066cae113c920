using System.Text.Json.Serialization;

namespace Appliance.Lab.Traffic.Measure;

/// <summary>What a connection carries.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TrafficKind>))]
public enum TrafficKind
{
    /// <summary>Messages that the server sends back.</summary>
    [JsonStringEnumMemberName("echo")]
    Echo,

    /// <summary>A stream from the server.</summary>
    [JsonStringEnumMemberName("download")]
    Download,

    /// <summary>A stream to the server.</summary>
    [JsonStringEnumMemberName("upload")]
    Upload,
}
