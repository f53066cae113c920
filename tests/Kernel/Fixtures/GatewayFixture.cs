using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>One packet at a gateway hook: what is known before, what must have happened after.</summary>
internal sealed record GatewayFixture(string Name, string Program, Ends Ends, byte[] Frame)
{
    public GatewayFixture(string name, string program, Ends ends, Packet packet)
        : this(name, program, ends, packet.ToBytes())
    {
    }

    public Assignment Assignment { get; init; } = GatewayRig.Alone;

    public int LanIfindex { get; init; } = 1;

    public SkbContext Context { get; init; } = SkbContext.None;

    public Handshake? Opening { get; init; }

    public Flow? Flow { get; init; }

    public Verdict Verdict { get; init; } = Verdict.Ok;

    /// <summary>Null: unchanged.</summary>
    public Packet? Leaves { get; init; }

    public string[] Counts { get; init; } = [];

    /// <summary>What has become of the opening; unchanged by default.</summary>
    public Func<Handshake?, Handshake?> OpeningThen { get; init; } = static h => h;

    /// <summary>What has become of the flow; unchanged by default.</summary>
    public Func<Flow?, Flow?> FlowThen { get; init; } = static f => f;

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

        var outcome = rig.Run(Program, Frame, Context);

        Assert.AreEqual(Verdict, outcome.Verdict);
        outcome.AssertFrame(Leaves?.ToBytes() ?? Frame);
        outcome.AssertCounted(Counts);
        Assert.AreEqual(Context.Mark, outcome.Mark, "mark");
        Handshake? openingAfter = rig.Openings.TryGet(key, out var h) ? h : null;
        Flow? flowAfter = rig.Flows.TryGet(key, out var f) ? f : null;
        Assert.AreEqual(Fields.Of(OpeningThen(Opening)), Fields.Of(openingAfter), "opening");
        Assert.AreEqual(Fields.Of(FlowThen(Flow)), Fields.Of(flowAfter), "flow");
    }
}
