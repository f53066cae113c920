using Appliance.Gateway.Failover;

namespace Appliance.Gateway.Control;

/// <summary>A change of assignment with its timeline. Times are CLOCK_MONOTONIC nanoseconds.</summary>
/// <param name="Epoch">Epoch of the order.</param>
/// <param name="Cause">Why.</param>
/// <param name="Node">Name of the node that gave the cause.</param>
/// <param name="From">Name of the node that held the service before; empty when none did.</param>
/// <param name="Active">Name of the node that holds the service from then on.</param>
/// <param name="At">Wall-clock time.</param>
/// <param name="LastHeardNs">When <paramref name="Node"/> was last heard.</param>
/// <param name="DecidedNs">When the decision was made.</param>
/// <param name="FencedNs">When forwarding, fence and copies had turned.</param>
/// <param name="OrderedNs">When the order had been sent.</param>
public sealed record GatewayEvent(
    ulong Epoch, Cause Cause, string Node, string From, string Active, DateTimeOffset At, ulong LastHeardNs, ulong DecidedNs, ulong FencedNs, ulong OrderedNs)
{
    /// <summary>When the new active node received the order, by its own word; 0 before it said so.</summary>
    public ulong ReceivedNs { get; init; }

    /// <summary>When its first segment left, by its own word; 0 while none has.</summary>
    public ulong FirstSegmentNs { get; init; }

    /// <summary>Flows that it took over.</summary>
    public uint Flows { get; init; }
}
