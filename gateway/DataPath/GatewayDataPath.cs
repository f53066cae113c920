using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.ControlPlane;
using Appliance.Net;

namespace Appliance.Gateway.DataPath;

/// <summary>The gateway's programs: loaded, configured and attached to the LAN interface.</summary>
/// <remarks>
/// The way of a packet: client → <c>gateway_egress</c> (track, copy, forward to the active node) → node;
/// node → <c>gateway_ingress</c> (fence, track, copy) → client. docs/architecture.md tells it whole.
/// </remarks>
public sealed class GatewayDataPath : IDisposable
{
    private readonly BpfObject _object;
    private readonly SharedValue<GatewayState> _state;
    private readonly List<TcHook> _hooks = [];

    /// <summary>Loads and attaches; until <see cref="Apply"/> nobody holds the service.</summary>
    public GatewayDataPath(GatewayOptions options, LinkInfo lan)
    {
        _object = BpfObject.Open("gateway.bpf.o");
        try
        {
            _object.SetMaxEntries("flows", options.MaxFlows);
            _object.Load();
            _state = new SharedValue<GatewayState>(_object, "gateway_state");
            ref var state = ref _state.Value;
            state.LanIfindex = (uint)lan.Index;
            state.GatewayMac = new MacAddress(lan.Mac.GetAddressBytes());
            Volatile.Write(ref state.Assignment, Assignment.None.Word);
            Flows = _object.Map<FlowKey, Flow>("flows");
            Counters = new CounterMap(_object, "gateway_counters", "gateway_counter", "GATEWAY_");
            VipTable.Fill(_object, options.Services);
            _hooks.Add(TcHook.Attach(_object, "gateway_ingress", lan.Index, TcDirection.Ingress));
            _hooks.Add(TcHook.Attach(_object, "gateway_egress", lan.Index, TcDirection.Egress));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The tracked connections.</summary>
    public BpfMap<FlowKey, Flow> Flows { get; }

    /// <summary>Named counters.</summary>
    public CounterMap Counters { get; }

    /// <summary>Turns forwarding, fence and copies to an assignment, all in one store.</summary>
    /// <param name="macs">Ethernet addresses of the nodes by index; one that is unknown cannot take part.</param>
    public void Apply(in Assignment assignment, ReadOnlySpan<MacAddress> macs)
    {
        ref var state = ref _state.Value;
        for (var i = 0; i < macs.Length; i++)
        {
            if (state.Nodes[i].Mac != macs[i])
            {
                state.Nodes[i].Mac = macs[i];
            }
        }
        Volatile.Write(ref state.Assignment, assignment.Word);
    }

    /// <summary>Detaches and unloads; the kernel then forwards without copies and without a fence.</summary>
    public void Dispose()
    {
        foreach (var hook in _hooks)
        {
            hook.Dispose();
        }
        _state?.Dispose();
        _object.Dispose();
    }
}
