using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>The gateway's object with room for few flows and a small ring of records.</summary>
internal sealed class GatewayRig : Rig
{
    public const int MaxFlows = 16;
    public const string Egress = "gateway_egress";
    public const string Ingress = "gateway_ingress";

    private readonly SharedValue<GatewayState> _state;
    private readonly BpfMap<FlowKey, Limit> _limits;

    public GatewayRig(int ringBytes = 1 << 20)
        : base("gateway.bpf.o", "gateway", o =>
        {
            o.SetMaxEntries("flows", MaxFlows);
            o.SetMaxEntries("limits", MaxFlows);
            o.SetMaxEntries("voices", MaxFlows);
            o.SetMaxEntries("merges", MaxFlows);
            o.SetMaxEntries("records", ringBytes);
        })
    {
        _state = new SharedValue<GatewayState>(Object, "gateway_state");
        _limits = Object.Map<FlowKey, Limit>("limits");
        Flows = Object.Map<FlowKey, Flow>("flows");
        Datagrams = Object.Map<FlowKey, DatagramSource>("datagrams");
        Consents = Object.Map<FlowKey, Consent>("consents");
        Making = Object.Map<FlowKey, Making>("making");
        Ungated = Object.Map<FlowKey, ulong>("ungated");
        Ring = new RingLog(Object, "records");
        Reset();
    }

    /// <summary>Node 0 holds the service, nobody replicates.</summary>
    public static Assignment Alone { get; } = new(7, 0, 0);

    public BpfMap<FlowKey, Flow> Flows { get; }

    public RingLog Ring { get; }

    public BpfMap<FlowKey, Making> Making { get; }

    public BpfMap<FlowKey, ulong> Ungated { get; }

    public BpfMap<FlowKey, Consent> Consents { get; }

    public BpfMap<FlowKey, DatagramSource> Datagrams { get; }

    public ref GatewayState State => ref _state.Value;

    public void Assign(Assignment assignment, int lanIfindex = 1)
    {
        State.LanIfindex = (uint)lanIfindex;
        State.Assignment = assignment.Word;
    }

    /// <summary>Narrows the client's window.</summary>
    public void Limit(in FlowKey key, in Limit limit)
    {
        _limits.Set(key, limit);
        State.Limited = 1;
    }

    /// <summary>The records since the last call, whose room is given back.</summary>
    public IReadOnlyList<Recorded> TakeRecords()
    {
        var taken = new List<Recorded>();
        while (Ring.TryPeek(out var record))
        {
            taken.Add(Recorded.From(record));
            Ring.Advance();
        }
        Ring.Release(Ring.Position);
        return taken;
    }

    public override void Reset()
    {
        Clear(Flows);
        Clear(Openings);
        Clear(_limits);
        Clear(Making);
        Clear(Ungated);
        Clear(Consents);
        Clear(Datagrams);
        State.Limited = 0;
        State.Widest = 0;
        State.Gate = 0;
        State.TurnedNs = 0;
        State.Agreeing = 0;
        TakeRecords();
        State.GatewayMac = Scene.GatewayMac;
        State.Nodes[0].Mac = Scene.Node0;
        State.Nodes[1].Mac = Scene.Node1;
        State.Nodes[2].Mac = Scene.Node2;
        Assign(Alone);
    }

    public override void Dispose()
    {
        Ring.Dispose();
        _state.Dispose();
        base.Dispose();
    }
}
