using System.Runtime.InteropServices;
using System.Text;
using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>A node's object with room for few replicas and a small ring of reports.</summary>
internal sealed class NodeRig : Rig
{
    public const int MaxFlows = 16;
    public const int RingBytes = 256 << 10;
    public const int SaidBytes = 64 << 10;
    public const string Egress = "replica_egress";
    public const string Ingress = "replica_ingress";

    private readonly SharedValue<NodeState> _state;
    private readonly RingLog _ring;
    private readonly RingLog _said;

    public NodeRig()
        : base("node.bpf.o", "node", static o =>
        {
            o.SetMaxEntries("replicas", MaxFlows);
            o.SetMaxEntries("tails", MaxFlows);
            o.SetMaxEntries("digests", MaxFlows);
            o.SetMaxEntries("reports", RingBytes);
            o.SetMaxEntries("datagrams_said", SaidBytes);
        })
    {
        _state = new SharedValue<NodeState>(Object, "node_state");
        Replicas = Object.Map<FlowKey, Replica>("replicas");
        Tails = Object.Map<FlowKey, Tail>("tails");
        Digests = Object.Map<FlowKey, Digest>("digests");
        Datagrams = Object.Map<FlowKey, DatagramFlow>("datagram_flows");
        _ring = new RingLog(Object, "reports");
        _said = new RingLog(Object, "datagrams_said");
        Reset();
    }

    /// <summary>Silent: feeds a replica.</summary>
    public static NodeState Silent { get; } = new() { Role = (uint)NodeRole.Replica, Epoch = 7, Ordering = DeliveryFlags.All };

    /// <summary>Active from the start.</summary>
    public static NodeState Active { get; } = new() { Role = (uint)NodeRole.Active, Epoch = 7, LeaseUntilNs = ulong.MaxValue, Heard = 1 };

    /// <summary>Active, with flows of its life as a replica.</summary>
    public static NodeState TookOver { get; } = Active with { Inherited = 1 };

    /// <summary>Ordered to be active, but the gateway was not heard for too long.</summary>
    public static NodeState LeaseEnded { get; } = Active with { LeaseUntilNs = 1 };

    public BpfMap<FlowKey, Replica> Replicas { get; }

    public BpfMap<FlowKey, Tail> Tails { get; }

    public BpfMap<FlowKey, Digest> Digests { get; }

    public BpfMap<FlowKey, DatagramFlow> Datagrams { get; }

    public ref NodeState State => ref _state.Value;

    /// <summary>The reports since the last call.</summary>
    public IReadOnlyList<HeldReport> TakeReports()
    {
        var taken = new List<HeldReport>();
        while (_ring.TryPeek(out var record))
        {
            ref readonly var report = ref MemoryMarshal.AsRef<Report>(record);
            taken.Add(new HeldReport(
                report.Kind, report.Release, (int)report.L4, report.Key,
                Convert.ToHexStringLower(record.Slice(Report.FrameOffset, (int)report.Length)))
            {
                Told = (Encoding.ASCII.GetString(report.Told[..(int)report.ToldLength]), report.ToldEnd),
            });
            _ring.Advance();
        }
        _ring.Release(_ring.Position);
        return taken;
    }

    /// <summary>The datagrams that were summed up since the last call, with their first bytes.</summary>
    public IReadOnlyList<(DatagramSaid Said, byte[] Kept)> TakeSaid()
    {
        var taken = new List<(DatagramSaid, byte[])>();
        while (_said.TryPeek(out var record))
        {
            var said = MemoryMarshal.Read<DatagramSaid>(record);
            taken.Add((said, record.Slice(DatagramSaid.KeptOffset, (int)Math.Min(said.Length, DatagramSaid.KeptBytes)).ToArray()));
            _said.Advance();
        }
        _said.Release(_said.Position);
        return taken;
    }

    public override void Reset()
    {
        Clear(Replicas);
        Clear(Tails);
        Clear(Digests);
        Clear(Datagrams);
        Clear(Openings);
        TakeReports();
        TakeSaid();
        State = Silent;
    }

    public override void Dispose()
    {
        _ring.Dispose();
        _said.Dispose();
        _state.Dispose();
        base.Dispose();
    }
}
