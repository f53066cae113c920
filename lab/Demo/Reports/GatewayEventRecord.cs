using System.Text.Json;

namespace Appliance.Lab.Demo.Reports;

/// <summary>A change of roles as the gateway tells it. Times are CLOCK_MONOTONIC nanoseconds, 0 while unknown.</summary>
/// <param name="Epoch">Epoch of the order.</param>
/// <param name="Cause">Why, in the gateway's word.</param>
/// <param name="Active">The node that holds the service from then on.</param>
/// <param name="DecidedNs">When the gateway decided.</param>
/// <param name="FencedNs">When fence and forwarding had turned.</param>
/// <param name="OrderedNs">When the order had been sent.</param>
/// <param name="ReceivedNs">When the new active node received it.</param>
/// <param name="FirstSegmentNs">When its first segment left.</param>
public sealed record GatewayEventRecord(
    long Epoch,
    string Cause,
    string Active,
    long DecidedNs,
    long FencedNs,
    long OrderedNs,
    long ReceivedNs,
    long FirstSegmentNs)
{
    private const string ActiveSilent = "activeSilent";

    /// <summary>Whether the new active node has reported all of its takeover.</summary>
    public bool IsComplete => ReceivedNs > 0 && FirstSegmentNs > 0;

    /// <summary>The events of a status document, oldest first; what cannot be understood is passed over.</summary>
    public static IReadOnlyList<GatewayEventRecord> ReadAll(JsonElement status)
    {
        if (status.ValueKind != JsonValueKind.Object
            || !status.TryGetProperty("events", out var events)
            || events.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        return [.. events.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).Select(Read)];
    }

    /// <summary>The failover that answered a fault: the first after it that gave the service to the other node.</summary>
    /// <param name="events">The gateway's events, oldest first.</param>
    /// <param name="faultNs">When the fault was made.</param>
    /// <param name="survivor">Name of the node that lived on.</param>
    public static GatewayEventRecord? FindFailover(IEnumerable<GatewayEventRecord> events, long faultNs, string survivor) =>
        events.FirstOrDefault(item => item.DecidedNs >= faultNs && string.Equals(item.Active, survivor, StringComparison.Ordinal));

    /// <summary>How many failovers there were because of silence, apart from those that are accounted for.</summary>
    /// <param name="events">The gateway's events.</param>
    /// <param name="expected">Epochs of the failovers that answered a fault.</param>
    public static int CountUnplanned(IEnumerable<GatewayEventRecord> events, IReadOnlyCollection<long> expected) =>
        events.Count(item => string.Equals(item.Cause, ActiveSilent, StringComparison.Ordinal) && !expected.Contains(item.Epoch));

    private static GatewayEventRecord Read(JsonElement item) => new(
        Number(item, "epoch"),
        Text(item, "cause"),
        Text(item, "active"),
        Number(item, "decidedNs"),
        Number(item, "fencedNs"),
        Number(item, "orderedNs"),
        Number(item, "receivedNs"),
        Number(item, "firstSegmentNs"));

    private static long Number(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : 0;

    private static string Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
