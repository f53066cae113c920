using System.Text.Json;
using Appliance.Lab.State;

namespace Appliance.Lab.Savefiles;

/// <summary>What came of a replay.</summary>
/// <param name="Flows">Connections that were opened to the server.</param>
/// <param name="BytesSent">Bytes that the server was sent.</param>
/// <param name="BytesReceived">Bytes that it answered.</param>
/// <param name="Mismatches">Where the file or the server fell short; empty after a complete replay.</param>
/// <param name="ConflictingBytes">Bytes that the file holds twice with different content; the first copy was sent.</param>
/// <param name="DurationMs">From the first connection to the last answer.</param>
public sealed record ReplayReport(
    int Flows, long BytesSent, long BytesReceived, IReadOnlyList<string> Mismatches, long ConflictingBytes, double DurationMs)
{
    /// <summary>Was everything that the file holds sent, and answered as far as the recorded client had acknowledged?</summary>
    public bool IsComplete => Mismatches.Count == 0;

    /// <summary>One JSON object on one line.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new { Flows, BytesSent, BytesReceived, Mismatches = Mismatches.Count, Details = Mismatches, ConflictingBytes, DurationMs },
        LabJson.Compact);

    /// <summary>A few words on one line.</summary>
    public override string ToString() =>
        $"{Flows} flows, {BytesSent:N0} bytes sent, {BytesReceived:N0} bytes received, {Mismatches.Count} mismatches, {DurationMs / 1000:0.000} s"
        + (ConflictingBytes > 0 ? $"; {ConflictingBytes:N0} bytes are in the file twice with different content, the first copy was sent" : "");
}
