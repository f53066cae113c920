using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>The gateway's object with room for few flows.</summary>
internal sealed class GatewayRig : Rig
{
    public const int MaxFlows = 16;
    public const string Egress = "gateway_egress";
    public const string Ingress = "gateway_ingress";

    private readonly SharedValue<GatewayState> _state;

    public GatewayRig()
        : base("gateway.bpf.o", "gateway", static o => o.SetMaxEntries("flows", MaxFlows))
    {
        _state = new SharedValue<GatewayState>(Object, "gateway_state");
        Flows = Object.Map<FlowKey, Flow>("flows");
        Reset();
    }

    /// <summary>Node 0 holds the service, nobody replicates.</summary>
    public static Assignment Alone { get; } = new(7, 0, 0);

    public BpfMap<FlowKey, Flow> Flows { get; }

    public ref GatewayState State => ref _state.Value;

    public void Assign(Assignment assignment, int lanIfindex = 1)
    {
        State.LanIfindex = (uint)lanIfindex;
        State.Assignment = assignment.Word;
    }

    public override void Reset()
    {
        Clear(Flows);
        Clear(Openings);
        State.GatewayMac = Scene.GatewayMac;
        State.Nodes[0].Mac = Scene.Node0;
        State.Nodes[1].Mac = Scene.Node1;
        State.Nodes[2].Mac = Scene.Node2;
        Assign(Alone);
    }

    public override void Dispose()
    {
        _state.Dispose();
        base.Dispose();
    }
}
