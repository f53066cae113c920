using Appliance.Bench.Labs;
using Appliance.Bench.Recorder;

namespace Appliance.Tests.Unit.Bench;

[TestClass]
public sealed class RecorderSummaryTests
{
    private const string TcpdumpAccount = """
        tcpdump: listening on lan0, link-type EN10MB (Ethernet), snapshot length 262144 bytes
        36144 packets captured
        54502 packets received by filter
        18358 packets dropped by kernel
        """;

    [TestMethod]
    public void The_ratio_is_that_of_runs_which_were_made_side_by_side()
    {
        var results = Results([
            Run(1, RecorderPath.Plain, 1, 0.90), Run(1, RecorderPath.Recorder, 1, 0.89),
            Run(2, RecorderPath.Plain, 1, 0.40), Run(2, RecorderPath.Recorder, 1, 0.40),
            Run(1, RecorderPath.Plain, null, 20), Run(1, RecorderPath.Recorder, null, 5),
        ]);

        var goal = RecorderSummary.Goals(results).Single(goal => goal.Text.StartsWith("forwarding", StringComparison.Ordinal));

        Assert.AreEqual(((0.89 / 0.90) + 1) / 2, goal.Measured!.Value, 1e-9);
        Assert.IsTrue(goal.IsMet);
    }

    [TestMethod]
    public void Rates_at_which_something_was_dropped_are_not_the_best_and_nor_is_the_limited_link()
    {
        Assert.AreEqual(5.0, RecorderSummary.BestWithoutDrops([
            Run(1, RecorderPath.Plain, null, 20),
            Run(1, RecorderPath.Recorder, null, 9) with { Missed = 1 },
            Run(1, RecorderPath.Recorder, 5, 5) with { Missed = 0 },
            Run(1, RecorderPath.Recorder, 1, 0.9) with { Missed = 0 },
        ]));
        Assert.IsNull(RecorderSummary.BestWithoutDrops([Run(1, RecorderPath.Recorder, 1, 0.9) with { Missed = 0 }]));
    }

    [TestMethod]
    public void A_single_byte_of_garbage_misses_the_budget()
    {
        var results = Results([]) with { Segments = [new SegmentCost("kept", 1448, 1000, 0, 100), new SegmentCost("kept", 1448, 1000, 1, 100)] };

        Assert.IsFalse(RecorderSummary.Goals(results).Single(goal => goal.Text.StartsWith("managed", StringComparison.Ordinal)).IsMet);
    }

    [TestMethod]
    public void What_was_not_measured_meets_no_goal() =>
        Assert.IsFalse(RecorderSummary.Goals(Results([])).Single(goal => goal.Text.StartsWith("store", StringComparison.Ordinal)).IsMet);

    [TestMethod]
    public void Tcpdumps_account_is_read()
    {
        Assert.AreEqual(36_144, PacketDump.Count(TcpdumpAccount, "packets captured"));
        Assert.AreEqual(18_358, PacketDump.Count(TcpdumpAccount, "packets dropped by kernel"));
        Assert.AreEqual(0, PacketDump.Count("", "packets captured"));
    }

    [TestMethod]
    public void The_gateways_word_on_its_recorder_is_read()
    {
        var recorder = GatewayView.Parse("""
            {"recorder":{"records":7,"passedOver":6,"repairP50Ms":2.5,"states":{"protected":3},"store":{"state":"ready","operations":9,"bytesWritten":100}},
             "counters":{"recorded":8,"drop_unrecorded":1}}
            """).Recorder;

        Assert.AreEqual((7L, 6L, 8L, 1L, 3), (recorder.Records, recorder.PassedOver, recorder.Recorded, recorder.DroppedUnrecorded, recorder.Protected));
        Assert.AreEqual((2.5, "ready", 9L, 100L), (recorder.RepairP50Ms, recorder.StoreState, recorder.StoreOperations, recorder.StoreBytes));
        Assert.IsNull(GatewayView.Parse("{}").Recorder.StoreState);
    }

    [TestMethod]
    public void Windows_take_in_segments_without_garbage() =>
        Assert.IsEmpty(SegmentCostMeter.Measure(10_000).Where(cost => cost.AllocatedBytes > 0));

    private static RecorderResults Results(IReadOnlyList<ForwardRun> forwarding) => new([], forwarding, [], [], []);

    private static ForwardRun Run(int round, RecorderPath path, double? link, double gbit) =>
        new() { Round = round, Path = path, LinkGbit = link, GbitPerSecond = gbit };
}
