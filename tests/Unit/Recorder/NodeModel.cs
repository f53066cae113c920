using Appliance.Bpf.Layout;
using Appliance.Node.Repair;
using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>
/// A node that repairs one replica, as the repair engine does: it reports how far its stack is, asks by the plan for what that
/// lacks, and delivers what comes.
/// </summary>
internal sealed class NodeModel(int index, FlowKey key, uint clientIsn, Func<StackModel> open, NodeModel.IDesk desk)
{
    private readonly Queue<Action> _arriving = new();
    private WatchedReplica _watched = new();
    private ulong _nowNs;

    /// <summary>The gateway, as the node sees it.</summary>
    internal interface IDesk
    {
        void OnProgress(int node, in ProgressEntry entry);

        void OnNeed(int node, in NeedEntry need);
    }

    public int Index => index;

    /// <summary>Null while the node has no replica.</summary>
    public StackModel? Stack { get; private set; }

    public void Open() => Stack ??= open();

    /// <summary>What the gateway sends arrives with the next millisecond.</summary>
    public void Receive(Action message) => _arriving.Enqueue(message);

    /// <summary>The connection to the gateway breaks, and stands again: what was on its way is lost, all is told anew.</summary>
    public void Reconnect()
    {
        _arriving.Clear();
        _watched = new WatchedReplica();
    }

    public void Pass(ulong nowNs)
    {
        _nowNs = nowNs;
        for (var waiting = _arriving.Count; waiting > 0; waiting--)
        {
            _arriving.Dequeue()();
        }
        if (Stack is null)
        {
            return;
        }
        Stack.Pass();
        _watched.Replica = Stack.State;
        Report();
        if (RepairPlan.IsLacking(_watched, Stack.Held, nowNs))
        {
            Act();
        }
        else if (RepairPlan.NeedsPosition(_watched, nowNs))
        {
            Ask(0);
        }
    }

    public void OnOffer(in FlowEntry offer)
    {
        Open();
        OnPosition(new PositionEntry(key, clientIsn, offer.ClientNext, offer.ClientAck, offer.ServerNext, offer.ServerAck, offer.ClientWindow));
    }

    public void OnPosition(in PositionEntry position) =>
        Stack?.SeePosition(position.ClientNext - clientIsn - 1, position.ClientAck - RecorderScene.ServerIsn - 1);

    public void OnGone() => _watched.IsGone = true;

    public void OnBytes(in BytesHeader header, ReadOnlySpan<byte> payload)
    {
        if (Stack is null)
        {
            return;
        }
        var fin = header.Flags.HasFlag(BytesFlags.Fin);
        if (payload.Length > 0 || fin)
        {
            Stack.Deliver(header.Sequence - clientIsn - 1, payload, fin, header.Ack - RecorderScene.ServerIsn - 1);
        }
        var end = header.Sequence + (uint)payload.Length + (fin ? 1u : 0);
        if (!header.Flags.HasFlag(BytesFlags.Last) || !RepairPlan.IsExpected(_watched, header.Sequence, header.Sequence + (uint)payload.Length))
        {
            return;
        }
        Stack.Probe();
        _watched.Replica = Stack.State;
        var goesOn = RepairPlan.Answered(_watched, end, _nowNs);
        if (RepairPlan.IsLacking(_watched, Stack.Held, _nowNs) && goesOn && _watched.Replica.Window > 0)
        {
            Ask(RepairPlan.Request(_watched, Stack.Held, _nowNs));
        }
    }

    private void Report()
    {
        var replica = _watched.Replica;
        if (_watched.IsReported && _watched.ReportedReceived == replica.Received)
        {
            return;
        }
        (_watched.IsReported, _watched.ReportedReceived) = (true, replica.Received);
        desk.OnProgress(index, new ProgressEntry(key, clientIsn, replica.Received, replica.Sent, replica.Window, ProgressFlags.Confirmed));
    }

    private void Act()
    {
        var action = RepairPlan.Next(_watched, 0, _nowNs);
        if (action == RepairAction.Probe)
        {
            _watched.ProbedNs = _nowNs;
            Stack!.Probe();
            _watched.Replica = Stack.State;
            if (!RepairPlan.IsLacking(_watched, Stack.Held, _nowNs))
            {
                return;
            }
            action = RepairPlan.Next(_watched, 0, _nowNs);
        }
        if (action == RepairAction.Ask)
        {
            Ask(RepairPlan.Request(_watched, Stack!.Held, _nowNs));
        }
    }

    private void Ask(uint bytes) => desk.OnNeed(index, new NeedEntry(key, clientIsn, _watched.Replica.Received, bytes));
}
