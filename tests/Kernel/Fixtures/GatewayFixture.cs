using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>One packet at a gateway hook: what is known before, what must have happened after.</summary>
internal sealed record GatewayFixture(string Name, string Program, Ends Ends, byte[] Frame)
{
    public GatewayFixture(string name, string program, Ends ends, Packet packet)
        : this(name, program, ends, packet.ToBytes()) => Packet = packet;

    /// <summary>What the frame was made of, where it is no raw one.</summary>
    public Packet? Packet { get; }

    public Assignment Assignment { get; init; } = GatewayRig.Alone;

    public int LanIfindex { get; init; } = 1;

    public SkbContext Context { get; init; } = SkbContext.None;

    public Handshake? Opening { get; init; }

    public Flow? Flow { get; init; }

    public Limit? Limit { get; init; }

    /// <summary>Bytes of the widest window that any client is shown; 0 is no bound.</summary>
    public uint Widest { get; init; }

    /// <summary>Mask of the replicas without whose consent closes do not pass.</summary>
    public uint Gate { get; init; }

    /// <summary>When the service last moved, CLOCK_MONOTONIC nanoseconds.</summary>
    public ulong TurnedNs { get; init; }

    /// <summary>A replica has closed the connection, or has none of it.</summary>
    public Consent? Consent { get; init; }

    /// <summary>What is known of that then; null: as before.</summary>
    public Consent? ConsentThen { get; init; }

    /// <summary>Replicas of the connection are being made.</summary>
    public Making? Making { get; init; }

    /// <summary>When the connection's close had waited for long enough, CLOCK_MONOTONIC nanoseconds.</summary>
    public ulong? Ungated { get; init; }

    /// <summary>The client's end as a sender of datagrams.</summary>
    public DatagramSource? Source { get; init; }

    public Verdict Verdict { get; init; } = Verdict.Ok;

    /// <summary>Null: unchanged.</summary>
    public Packet? Leaves { get; init; }

    /// <summary>Null: unchanged.</summary>
    public uint? MarkThen { get; init; }

    public string[] Counts { get; init; } = [];

    /// <summary>What is written down of the packet, in this order.</summary>
    public RecordKind[] Records { get; init; } = [];

    /// <summary>What has become of the opening; unchanged by default.</summary>
    public Func<Handshake?, Handshake?> OpeningThen { get; init; } = static h => h;

    /// <summary>What has become of the flow; unchanged by default.</summary>
    public Func<Flow?, Flow?> FlowThen { get; init; } = static f => f;

    /// <summary>What has become of the sender of datagrams; unchanged by default.</summary>
    public Func<DatagramSource?, DatagramSource?> SourceThen { get; init; } = static s => s;

    public override string ToString() => $"{Program}, {Ends}: {Name}";

    public void Check(GatewayRig rig)
    {
        var key = Ends.Key;
        rig.Reset();
        rig.Assign(Assignment, LanIfindex);
        if (Opening is { } opening)
        {
            rig.Openings.Set(key, opening);
        }
        if (Flow is { } flow)
        {
            rig.Flows.Set(key, flow);
        }

        if (Source is { } source)
        {
            rig.Datagrams.Set(key, source);
        }
        if (Limit is { } limit)
        {
            rig.Limit(key, limit);
        }
        rig.State.Widest = Widest;
        rig.State.Gate = Gate;
        rig.State.TurnedNs = TurnedNs;
        if (Consent is { } consent)
        {
            rig.Consents.Set(key, consent);
        }
        if (Making is { } making)
        {
            rig.Making.Set(key, making);
        }
        if (Ungated is { } sinceNs)
        {
            rig.Ungated.Set(key, sinceNs);
        }

        var outcome = rig.Run(Program, Frame, Context);

        Assert.AreEqual(Verdict, outcome.Verdict);
        outcome.AssertFrame(Leaves?.ToBytes() ?? Frame);
        outcome.AssertCounted(Counts);
        CollectionAssert.AreEqual(Records.Select(Expected).ToArray(), rig.TakeRecords().ToArray(), "records");
        Assert.AreEqual(MarkThen ?? Context.Mark, outcome.Mark, "mark");
        Handshake? openingAfter = rig.Openings.TryGet(key, out var h) ? h : null;
        DatagramSource? sourceAfter = rig.Datagrams.TryGet(key, out var s) ? s : null;
        Flow? flowAfter = rig.Flows.TryGet(key, out var f) ? f : null;
        Consent? consentAfter = rig.Consents.TryGet(key, out var c) ? c : null;
        Assert.AreEqual(Fields.Of(ConsentThen ?? Consent), Fields.Of(consentAfter), "consent");
        Assert.AreEqual(Fields.Of(OpeningThen(Opening)), Fields.Of(openingAfter), "opening");
        Assert.AreEqual(Fields.Of(FlowThen(Flow)), Fields.Of(flowAfter), "flow");
        Assert.AreEqual(Fields.Of(SourceThen(Source)), Fields.Of(sourceAfter), "source of datagrams");
    }

    private Recorded Expected(RecordKind kind) => kind switch
    {
        RecordKind.Open => Recorded.Open(Ends, Packet!, Opening!.Value, Assignment),
        RecordKind.Data => Recorded.Data(Ends, Packet!, (Flow?.Handshake ?? Opening)!.Value.ClientIsn, Assignment, Context.GsoSize > 0 ? Owed.Nothing : Owed.Right),
        _ => Recorded.Datagram(Ends, Packet!.Content, Source!.Value.Next, Assignment),
    };
}
