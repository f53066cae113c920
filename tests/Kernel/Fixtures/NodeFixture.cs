using Appliance.Bpf.Layout;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>One packet at a node's hook: what is known before, what must have happened after.</summary>
internal sealed record NodeFixture(string Name, string Program, Ends Ends, byte[] Frame)
{
    public NodeFixture(string name, string program, Ends ends, Packet packet)
        : this(name, program, ends, packet.ToBytes()) => Packet = packet;

    /// <summary>What the frame was made of, where it is no raw one.</summary>
    public Packet? Packet { get; }

    public NodeState State { get; init; } = NodeRig.Silent;

    public SkbContext Context { get; init; } = SkbContext.None;

    public Handshake? Opening { get; init; }

    public Replica? Replica { get; init; }

    /// <summary>Which datagrams have arrived.</summary>
    public DatagramFlow? Datagrams { get; init; }

    public Verdict Verdict { get; init; } = Verdict.Ok;

    /// <summary>Null: unchanged.</summary>
    public Packet? Leaves { get; init; }

    public string[] Counts { get; init; } = [];

    /// <summary>What has become of the opening; unchanged by default.</summary>
    public Func<Handshake?, Handshake?> OpeningThen { get; init; } = static h => h;

    /// <summary>What has become of the replica; unchanged by default.</summary>
    public Func<Replica?, Replica?> ReplicaThen { get; init; } = static r => r;

    /// <summary>Which datagrams have arrived after it; as before by default.</summary>
    public Func<DatagramFlow?, DatagramFlow?> DatagramsThen { get; init; } = static d => d;

    /// <summary>The whole frame goes to the repair engine, for this reason and until this output.</summary>
    public (ReportKind Kind, uint Release)? Holds { get; init; }

    /// <summary>The repair engine learns that the replica has sent up to here.</summary>
    public uint? Progress { get; init; }

    /// <summary>The repair engine learns that the active node has sent up to here, when it had received so much.</summary>
    public (uint UpTo, uint Received)? Said { get; init; }

    /// <summary>Has the first segment of a takeover been noted?</summary>
    public bool SpeaksFirst { get; init; }

    public override string ToString() => $"{Program}, {Ends}: {Name}";

    public void Check(NodeRig rig)
    {
        var key = Ends.Key;
        rig.Reset();
        rig.State = State;
        if (Opening is { } opening)
        {
            rig.Openings.Set(key, opening);
        }
        if (Replica is { } replica)
        {
            rig.Replicas.Set(key, replica);
        }

        if (Datagrams is { } datagrams)
        {
            rig.Datagrams.Set(key, datagrams);
        }

        var outcome = rig.Run(Program, Frame, Context);

        Assert.AreEqual(Verdict, outcome.Verdict);
        outcome.AssertFrame(Leaves?.ToBytes() ?? Frame);
        outcome.AssertCounted(Counts);
        Handshake? openingAfter = rig.Openings.TryGet(key, out var h) ? h : null;
        Replica? replicaAfter = rig.Replicas.TryGet(key, out var r) ? r : null;
        Assert.AreEqual(Fields.Of(OpeningThen(Opening)), Fields.Of(openingAfter), "opening");
        Assert.AreEqual(Fields.Of(ReplicaThen(Replica)), Fields.Of(replicaAfter), "replica");
        DatagramFlow? datagramsAfter = rig.Datagrams.TryGet(key, out var d) ? d : null;
        Assert.AreEqual(Text(DatagramsThen(Datagrams)), Text(datagramsAfter), "datagrams");
        CollectionAssert.AreEqual(ExpectedReports().ToArray(), rig.TakeReports().ToArray(), "reports");
        Assert.AreEqual(SpeaksFirst, rig.State.FirstSpokenNs != State.FirstSpokenNs, "first segment noted");
    }

    private static string Text(DatagramFlow? datagrams)
    {
        if (datagrams is not { } d)
        {
            return "none";
        }
        ReadOnlySpan<ulong> words = d.Received;
        var numbers = Enumerable.Range(0, 64 * words.Length).Where(Has);
        return $"highest {d.Highest}, bits {string.Join(' ', numbers)}, time {(d.LastNs == 0 ? "unset" : "set")}";

        bool Has(int bit) => (d.Received[bit / 64] & (1UL << (bit % 64))) != 0;
    }

    private IEnumerable<HeldReport> ExpectedReports()
    {
        if (Holds is var (kind, release))
        {
            var l4 = Ends.IsV6 ? 54 : 34;
            yield return new HeldReport(kind, release, l4, Ends.Key, Convert.ToHexStringLower(Frame));
        }
        if (Said is var (upTo, received))
        {
            yield return new HeldReport(ReportKind.Said, upTo, 0, Ends.Key, string.Empty) { Told = ("", received) };
        }
        if (Progress is { } sent)
        {
            yield return new HeldReport(ReportKind.Progress, sent, 0, Ends.Key, string.Empty);
        }
    }
}
