using Appliance.Bpf.Layout;

namespace Appliance.Node;

/// <summary>
/// Holds what the clients of one service send until it is its turn. Plain data structures: no clock, no kernel. Times are CLOCK_MONOTONIC, sequence
/// numbers in host byte order.
/// </summary>
public interface IDeliveryTurns
{
    /// <summary>Segments held.</summary>
    int Count { get; }

    /// <summary>A client's segment has come; it is owned from here on.</summary>
    /// <param name="segment">Its frame and what it acknowledges.</param>
    /// <param name="isLate">The active node has had it for long: it was repaired.</param>
    /// <param name="nowNs">CLOCK_MONOTONIC.</param>
    void Add(HeldSegment segment, bool isLate, ulong nowNs);

    /// <summary>The active node, another one, has sent up to <paramref name="upTo"/>, having received up to <paramref name="received"/>.</summary>
    void OnSaid(in FlowKey key, uint upTo, uint received, ulong nowNs);

    /// <summary>This node's own server has sent up to <paramref name="upTo"/>.</summary>
    void OnSent(in FlowKey key, uint upTo, ulong nowNs);

    /// <summary>A server may have sent something, or time has passed.</summary>
    void Proceed(ulong nowNs);

    /// <summary>As <see cref="HoldingQueue.NextSequence"/>.</summary>
    uint? NextSequence(in FlowKey key, uint received);
}
