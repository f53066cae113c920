using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.ControlPlane;
using Appliance.Native;
using Appliance.Net;

namespace Appliance.Gateway.DataPath;

/// <summary>The gateway's programs: loaded, configured and attached to the LAN interface.</summary>
/// <remarks>
/// The way of a packet: client → <c>gateway_egress</c> (record, track, copy, forward to the active node) → node;
/// node → <c>gateway_ingress</c> (fence, track, narrow, copy) → client. docs/architecture.md tells it whole.
/// </remarks>
public sealed class GatewayDataPath : IDisposable
{
    /// <summary>What a restarted gateway goes on with. The services are not among it: they may be configured anew.</summary>
    private static readonly string[] s_inherited = ["gateway_state", "flows", "openings", "limits", "records", "datagrams", "voices", "merges", "gateway_counters"];

    private readonly SharedValue<GatewayState> _state;
    private readonly List<TcHook> _hooks = [];
    private BpfObject _object;

    /// <summary>Loads and attaches; until <see cref="Apply"/> nobody holds the service, unless it was inherited.</summary>
    public GatewayDataPath(GatewayOptions options, LinkInfo lan)
    {
        using var predecessor = BpfPredecessor.Find(lan.Index);
        _object = Open(options);
        try
        {
            IsInherited = predecessor is not null && predecessor.TryRead("gateway_state", out GatewayState old) && old.Layout == GatewayState.CurrentLayout
                && Array.TrueForAll(s_inherited, name => predecessor.TryHandOver(_object, name));
            if (predecessor is not null && !IsInherited)
            {
                _object.Dispose();
                _object = Open(options);
            }
            _object.Load();
            _state = new SharedValue<GatewayState>(_object, "gateway_state");
            Configure(options, lan);
            Flows = _object.Map<FlowKey, Flow>("flows");
            Limits = _object.Map<FlowKey, Limit>("limits");
            Consents = _object.Map<FlowKey, Consent>("consents");
            Making = _object.Map<FlowKey, Making>("making");
            Ungated = _object.Map<FlowKey, ulong>("ungated");
            Voices = _object.Map<FlowKey, Voice>("voices");
            Merges = _object.Map<FlowKey, Merge>("merges");
            Leads = new LeadMeter(_object);
            Counters = new CounterMap(_object, "gateway_counters", "gateway_counter", "GATEWAY_");
            VipTable.Fill(_object, options.Services);
            _hooks.Add(TcHook.Attach(_object, "gateway_ingress", lan.Index, TcDirection.Ingress, replace: predecessor is not null));
            _hooks.Add(TcHook.Attach(_object, "gateway_egress", lan.Index, TcDirection.Egress, replace: predecessor is not null));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Has the kernel take the programs and make their maps; attaches nothing.</summary>
    internal static BpfObject Load(GatewayOptions options)
    {
        var programs = Open(options);
        try
        {
            programs.Load();
            return programs;
        }
        catch
        {
            programs.Dispose();
            throw;
        }
    }

    /// <summary>Goes on with the connections, the records and the assignment of an earlier process.</summary>
    public bool IsInherited { get; }

    /// <summary>The tracked connections.</summary>
    public BpfMap<FlowKey, Flow> Flows { get; }

    /// <summary>How far clients may send while their replicas lag.</summary>
    public BpfMap<FlowKey, Limit> Limits { get; }

    /// <summary>Connections that a replica has closed, or has none of.</summary>
    public BpfMap<FlowKey, Consent> Consents { get; }

    /// <summary>Connections whose replicas are being made: that a node does not have one of them says nothing.</summary>
    public BpfMap<FlowKey, Making> Making { get; }

    /// <summary>When the close of a connection had waited for long enough, CLOCK_MONOTONIC nanoseconds.</summary>
    public BpfMap<FlowKey, ulong> Ungated { get; }

    /// <summary>Who besides the active node is heard by the client of a connection.</summary>
    public BpfMap<FlowKey, Voice> Voices { get; }

    /// <summary>What the clients of such connections were given.</summary>
    public BpfMap<FlowKey, Merge> Merges { get; }

    /// <summary>By how much each node was first, there.</summary>
    public LeadMeter Leads { get; }

    /// <summary>Entries in <see cref="Voices"/>: the programs look there only while there are any.</summary>
    public uint Voiced { set => Volatile.Write(ref _state.Value.Voiced, value); }

    /// <summary>Services whose output waits until nodes agree, by index.</summary>
    public void SetAgreeing(IReadOnlyList<bool> services)
    {
        ref var state = ref _state.Value;
        for (var i = 0; i < services.Count; i++)
        {
            var bit = 1UL << (i & 63);
            state.Agrees[i >> 6] = services[i] ? state.Agrees[i >> 6] | bit : state.Agrees[i >> 6] & ~bit;
        }
        Volatile.Write(ref state.Agreeing, (uint)services.Count(agrees => agrees));
    }

    /// <summary>Mask of the replicas that the active node's closes wait for.</summary>
    public uint Gate
    {
        get => Volatile.Read(ref _state.Value.Gate);
        set => Volatile.Write(ref _state.Value.Gate, value);
    }

    /// <summary>Named counters.</summary>
    public CounterMap Counters { get; }

    /// <summary>Entries in <see cref="Limits"/>: the programs look there only while there are any.</summary>
    public uint Limited { set => Volatile.Write(ref _state.Value.Limited, value); }

    /// <summary>The assignment that the programs obey.</summary>
    public Assignment Assignment => Assignment.FromWord(Volatile.Read(ref _state.Value.Assignment));

    /// <summary>The address that the programs know of a node.</summary>
    public MacAddress MacOf(int node) => _state.Value.Nodes[node].Mac;

    /// <summary>What clients sent; one reader.</summary>
    public RingLog OpenRecords() => new(_object, "records");

    /// <summary>What nodes said and the programs held back; one reader.</summary>
    public RingLog OpenOutputs() => new(_object, "outputs");

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
        if (assignment.Active != Assignment.Active)
        {
            Volatile.Write(ref state.TurnedNs, MonotonicClock.Now);
        }
        Volatile.Write(ref state.Assignment, assignment.Word);
    }

    /// <summary>Nodes that an operator keeps out, one bit each; a successor finds them here.</summary>
    public byte Drained
    {
        get
        {
            byte drained = 0;
            for (var i = 0; i < GatewayState.MaxNodes; i++)
            {
                drained |= (byte)(_state.Value.Nodes[i].Drained << i);
            }
            return drained;
        }
        set
        {
            for (var i = 0; i < GatewayState.MaxNodes; i++)
            {
                _state.Value.Nodes[i].Drained = (byte)((value >> i) & 1);
            }
        }
    }

    /// <summary>When the service last moved, CLOCK_MONOTONIC nanoseconds.</summary>
    public ulong TurnedNs => Volatile.Read(ref _state.Value.TurnedNs);

    /// <summary>Leaves the programs in force when this object is disposed of: a successor goes on with them.</summary>
    public void Leave() => _hooks.ForEach(h => h.Leave());

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

    private static BpfObject Open(GatewayOptions options)
    {
        var obj = BpfObject.Open("gateway.bpf.o");
        obj.SetMaxEntries("flows", options.MaxFlows);
        obj.SetMaxEntries("limits", options.MaxFlows);
        obj.SetMaxEntries("voices", options.MaxFlows);
        obj.SetMaxEntries("merges", options.MaxFlows);
        obj.SetMaxEntries("records", options.Recorder.RingBytes);
        return obj;
    }

    private void Configure(GatewayOptions options, LinkInfo lan)
    {
        ref var state = ref _state.Value;
        state.Widest = options.Recorder.Lag == LagPolicy.Protect ? (uint)options.Recorder.WindowBytes : 0;
        state.LanIfindex = (uint)lan.Index;
        state.GatewayMac = new MacAddress(lan.Mac.GetAddressBytes());
        if (!IsInherited)
        {
            state.Layout = GatewayState.CurrentLayout;
            Volatile.Write(ref state.Assignment, Assignment.None.Word);
        }
    }
}
