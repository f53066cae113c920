using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.ControlPlane;
using Appliance.Datagrams;

namespace Appliance.Node;

/// <summary>A node's programs: loaded, configured, attached to the LAN interface and to the repair engine's TAP.</summary>
public sealed class NodeDataPath : IDisposable
{
    private readonly BpfObject _object;
    private readonly SharedValue<NodeState> _state;
    private readonly List<TcHook> _hooks = [];
    private readonly List<RawTracepoint> _tracepoints = [];

    /// <summary>Loads the programs, silent, and attaches them.</summary>
    public NodeDataPath(NodeOptions options, int lanIfindex, int tapIfindex)
    {
        _object = Load(options);
        try
        {
            _state = new SharedValue<NodeState>(_object, "node_state");
            LanIfindex = lanIfindex;
            State.TapIfindex = (uint)tapIfindex;
            State.Ordering = DeliveryFlags.All;
            Replicas = _object.Map<FlowKey, Replica>("replicas");
            Tails = _object.Map<FlowKey, Tail>("tails");
            Digests = _object.Map<FlowKey, Digest>("digests");
            DatagramFlows = _object.Map<FlowKey, DatagramFlow>("datagram_flows");
            Openings = _object.Map<FlowKey, Handshake>("openings");
            Counters = new CounterMap(_object, "node_counters", "node_counter", "NODE_");
            VipTable.Fill(_object, options.Services);
            // Silence first: nothing may leave before the hooks that could answer it are there.
            _hooks.Add(TcHook.Attach(_object, "replica_egress", lanIfindex, TcDirection.Egress));
            _hooks.Add(TcHook.Attach(_object, "replica_ingress", lanIfindex, TcDirection.Ingress));
            _hooks.Add(TcHook.Attach(_object, "replica_ingress", tapIfindex, TcDirection.Ingress));
            _tracepoints.Add(RawTracepoint.Attach(_object, "listener_gone", "inet_sock_set_state"));
            _tracepoints.Add(RawTracepoint.Attach(_object, "process_exit", "sched_process_exit"));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Has the kernel take the programs and make their maps; attaches nothing.</summary>
    internal static BpfObject Load(NodeOptions options)
    {
        var programs = BpfObject.Open("node.bpf.o");
        try
        {
            programs.SetMaxEntries("replicas", options.MaxFlows);
            programs.SetMaxEntries("tails", options.MaxFlows);
            programs.SetMaxEntries("digests", options.MaxFlows);
            programs.Load();
            return programs;
        }
        catch
        {
            programs.Dispose();
            throw;
        }
    }

    /// <summary>Where clients' segments come in.</summary>
    public int LanIfindex { get; }

    /// <summary>Shared memory with the programs.</summary>
    public ref NodeState State => ref _state.Value;

    /// <summary>The role that the programs play now.</summary>
    public NodeRole Role => (NodeRole)Volatile.Read(ref State.Role);

    /// <summary>Is it an active node to which the gateway has turned? Before, another one may still answer clients.</summary>
    public bool IsHeard => Role == NodeRole.Active && Volatile.Read(ref State.Heard) != 0;

    /// <summary>The replicated connections.</summary>
    public BpfMap<FlowKey, Replica> Replicas { get; }

    /// <summary>What silent replicas have sent last.</summary>
    public BpfMap<FlowKey, Tail> Tails { get; }

    /// <summary>What replicas and their originals have said, for comparison.</summary>
    public BpfMap<FlowKey, Digest> Digests { get; }

    /// <summary>Handshakes under way.</summary>
    public BpfMap<FlowKey, Handshake> Openings { get; }

    /// <summary>Named counters.</summary>
    public CounterMap Counters { get; }

    /// <summary>Clients' ends whose datagrams have arrived.</summary>
    public BpfMap<FlowKey, DatagramFlow> DatagramFlows { get; }

    /// <summary>What both nodes say in datagrams.</summary>
    public RingLog OpenSaid() => new(_object, "datagrams_said");

    /// <summary>Which datagrams have arrived.</summary>
    public DatagramArrivals OpenArrivals() => new(_object);

    /// <summary>The reports of the programs.</summary>
    public RingLog OpenReports() => new(_object, "reports");

    /// <summary>Readable when a listener has gone, or its process is dying, somewhere on the host; see bpf/listener.bpf.c.</summary>
    public RingLog OpenListenersGone() => new(_object, "listeners_gone");

    /// <summary>Turns silence on or off. A node speaks only while its lease lasts, whatever its role.</summary>
    public void SetRole(NodeRole role, ulong epoch)
    {
        ref var state = ref State;
        Volatile.Write(ref state.Epoch, epoch);
        if (role == NodeRole.Active)
        {
            Volatile.Write(ref state.FirstSpokenNs, 0);
        }
        Volatile.Write(ref state.Role, (uint)role);
        if (role != NodeRole.Active)
        {
            Volatile.Write(ref state.Heard, 0);
            SetOrdering(DeliveryFlags.All);
            Volatile.Write(ref state.LeaseUntilNs, 0);
        }
    }

    /// <summary>Sets whose segments go to user space.</summary>
    public void SetOrdering(DeliveryFlags ordering) => State.Ordering = ordering;

    /// <summary>Forgets a replica; its socket is somebody else's business.</summary>
    public void Forget(in FlowKey key)
    {
        Digests.Remove(key); // before a successor can have one
        Replicas.Remove(key);
        Tails.Remove(key);
    }

    /// <summary>Notes a new epoch under the same role.</summary>
    public void SetEpoch(ulong epoch) => Volatile.Write(ref State.Epoch, epoch);

    /// <summary>Sets until when an active node may speak, CLOCK_MONOTONIC nanoseconds.</summary>
    public void ExtendLease(ulong untilNs)
    {
        ref var lease = ref State.LeaseUntilNs;
        if (untilNs > Volatile.Read(ref lease))
        {
            Volatile.Write(ref lease, untilNs);
        }
    }

    /// <summary>Detaches and unloads.</summary>
    public void Dispose()
    {
        _tracepoints.ForEach(tracepoint => tracepoint.Dispose());
        foreach (var hook in _hooks)
        {
            hook.Dispose();
        }
        _state?.Dispose();
        _object.Dispose();
    }
}
