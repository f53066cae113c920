using System.Text.Json.Serialization;

namespace Appliance.Lab.Traffic.Commands;

/// <summary>The answer to <c>first TIME</c> on stdin.</summary>
/// <param name="AfterNs">The time asked for, in nanoseconds of CLOCK_MONOTONIC.</param>
/// <param name="AtNs">When the first data arrived from then on, on the same clock; null if none has yet.</param>
public sealed record FirstProgressLine(long AfterNs, long? AtNs)
{
    /// <summary>Tells the JSON lines apart.</summary>
    [JsonPropertyOrder(-1)]
    public string Type => "first";
}
