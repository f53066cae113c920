using Appliance.ControlPlane;
using Appliance.Native;

namespace Appliance.Node;

/// <summary>
/// What a node does about an order: the highest epoch counts, and one epoch gives a node one role. A pure state machine;
/// it reads no clock and does no I/O.
/// </summary>
public sealed class Obedience
{
    private ulong _replicaSince;
    private bool _isPrepared;

    /// <summary>The role in force.</summary>
    public NodeRole Role { get; private set; } = NodeRole.Replica;

    /// <summary>The highest epoch that was obeyed.</summary>
    public ulong Epoch { get; private set; }

    /// <summary>Takes in an authentic, fresh order that came at <paramref name="nowNs"/>, CLOCK_MONOTONIC nanoseconds.</summary>
    public OrderVerdict Obey(in Message order, ulong nowNs)
    {
        if (order.Epoch < Epoch || (order.Epoch == Epoch && order.Role != Role))
        {
            return OrderVerdict.Stale;
        }
        // What is settled stays so: an order that says otherwise is a late one.
        var change = order.Epoch == Epoch ? (_isPrepared && !order.IsPrepared ? RoleChange.Settle : RoleChange.None)
            : order.Role == Role ? (_isPrepared && !order.IsPrepared && Role == NodeRole.Active ? RoleChange.Settle : RoleChange.EpochOnly)
            : order.Role == NodeRole.Replica ? RoleChange.LetGo
            : order.IsPrepared ? RoleChange.Prepare
            : RoleChange.TakeOver;
        _isPrepared = order.Role == NodeRole.Active && (change is RoleChange.Prepare || (_isPrepared && change is not RoleChange.Settle));
        var flush = order.ReplicaSince > _replicaSince;
        (Epoch, Role, _replicaSince) = (order.Epoch, order.Role, Math.Max(_replicaSince, order.ReplicaSince));
        return new OrderVerdict(IsObeyed: true, change, flush, LeaseOf(order, nowNs));
    }

    /// <summary>
    /// The lease counts from the heartbeat that was answered, on this node's own clock, and never lies beyond one from
    /// now. Only the role that speaks has one: a lease given to a node that still has to let go would be a voice.
    /// </summary>
    private static ulong LeaseOf(in Message order, ulong nowNs)
    {
        var lease = MonotonicClock.Nanoseconds(order.Lease);
        return order.Role == NodeRole.Active && order.EchoNs <= nowNs && nowNs - order.EchoNs < lease ? order.EchoNs + lease : 0;
    }
}
