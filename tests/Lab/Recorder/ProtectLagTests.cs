using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>Lag policy <c>protect</c>: the client waits for the replica.</summary>
[TestClass]
public sealed class ProtectLagTests : LagTest
{
    private const int WindowBytes = 1 << 20;

    protected override string Configuration => $$"""recorder: { lag: protect, windowBytes: {{WindowBytes >> 20}}MiB }""";

    [TestMethod]
    public async Task The_client_is_held_back_until_the_replica_has_caught_up_and_nothing_is_lost()
    {
        var traffic = await UploadToHungBackupAsync();
        var held = await GatewayUntilAsync(gateway => gateway.Recorder.HeldBack == 1, "the client is held back");
        Assert.IsGreaterThan(0UL, held.Counters["window_narrowed"]);
        await StandstillAsync(traffic);
        var still = await GatewayAsync();
        Assert.AreEqual((1, 0), (still.Recorder.In("repairing"), still.Recorder.In(Unprotected)), "it waits, it is not given up");
        Assert.IsLessThan(WindowBytes + (2L * ReceiveBuffer), still.Recorder.MemoryUsed, "what is kept for the replica is bounded");

        await FaultAsync(FaultKind.Heal, "node2");

        await GatewayUntilAsync(gateway => gateway.Recorder is { HeldBack: 0 } recorder && recorder.In(Protected) == 1, "the replica has caught up");
        await CrashAsync(LabHost.Node1);
        AssertUnharmed(await traffic.ReportAsync(Cancellation), 1);
    }

    /// <summary>Waits until several reports in a row show no progress.</summary>
    private async Task StandstillAsync(RunningTraffic traffic)
    {
        const int Reports = 5;
        var (fraction, same) = (0.0, 0);
        await traffic.UntilAsync(
            progress =>
            {
                same = progress.UploadFraction.Equals(fraction) ? same + 1 : 0;
                fraction = progress.UploadFraction;
                return same == Reports;
            },
            Patience,
            Cancellation);
        Assert.IsLessThan(1, fraction, "the upload was held back before its end");
    }
}
