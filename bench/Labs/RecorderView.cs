using System.Text.Json;

namespace Appliance.Bench.Labs;

/// <summary>What the benches read of the gateway's recorder; what is missing in the answer is 0 or null.</summary>
/// <param name="Records">Records read since the start.</param>
/// <param name="Bytes">Payload bytes of them.</param>
/// <param name="PassedOver">Records that every replica had before they were due.</param>
/// <param name="Recorded">Segments recorded.</param>
/// <param name="DroppedUnrecorded">Segments that were dropped because the ring had no room.</param>
/// <param name="MemoryUsed">Bytes of the windows.</param>
/// <param name="RepairedBytes">Bytes sent to nodes.</param>
/// <param name="Repairs">Gaps that were filled.</param>
/// <param name="RepairP50Ms">Median of the last gaps, from noticed to filled.</param>
/// <param name="RepairP99Ms">Their 99th percentile.</param>
/// <param name="Protected">Open flows that a replica protects.</param>
/// <param name="Diverged">Open flows, and clients' ends over UDP, whose replica has said something else.</param>
/// <param name="StoreState">How the store is; null when the gateway does not tell.</param>
/// <param name="StoreOperations">Commands that the store has answered.</param>
/// <param name="StoreBytes">Bytes of keys and values in those that wrote.</param>
public sealed record RecorderView(
    long Records,
    long Bytes,
    long PassedOver,
    long Recorded,
    long DroppedUnrecorded,
    long MemoryUsed,
    long RepairedBytes,
    long Repairs,
    double RepairP50Ms,
    double RepairP99Ms,
    int Protected,
    int Diverged,
    string? StoreState,
    long StoreOperations,
    long StoreBytes)
{
    /// <summary>Connections whose nodes contradicted one another where they had to agree.</summary>
    public long Differences { get; init; }

    /// <summary>Of a gateway that tells nothing of a recorder.</summary>
    public static RecorderView Nothing { get; } = Parse(JsonElement.Parse("{}"));

    /// <summary>Reads the whole answer.</summary>
    public static RecorderView Parse(JsonElement root)
    {
        var recorder = Member(root, "recorder");
        var counters = Member(root, "counters");
        var store = Member(recorder, "store");
        return new RecorderView(
            (long)Number(recorder, "records"),
            (long)Number(recorder, "bytes"),
            (long)Number(recorder, "passedOver"),
            (long)Number(counters, "recorded"),
            (long)Number(counters, "drop_unrecorded"),
            (long)Number(recorder, "memoryUsed"),
            (long)Number(recorder, "repairedBytes"),
            (long)Number(recorder, "repairs"),
            Number(recorder, "repairP50Ms"),
            Number(recorder, "repairP99Ms"),
            (int)Number(Member(recorder, "states"), "protected"),
            (int)Number(Member(recorder, "states"), "diverged") + (int)Number(Member(recorder, "datagrams"), "diverged"),
            Member(store, "state") is { ValueKind: not JsonValueKind.Undefined } state ? state.ToString() : null,
            (long)Number(store, "operations"),
            (long)Number(store, "bytesWritten"))
        {
            Differences = (long)Number(Member(recorder, "agreement"), "differences"),
        };
    }

    private static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member) ? member : default;

    private static double Number(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : 0;
}
