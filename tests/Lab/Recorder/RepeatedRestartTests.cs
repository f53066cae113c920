using Appliance.Lab.Faults;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>The gateway's program ends before its successor has read what it left.</summary>
[TestClass]
public sealed class RepeatedRestartTests : RecorderTest
{
    private const int EchoConnections = 50;
    private const int AllConnections = EchoConnections + 2;
    private const int Kills = 3;

    /// <summary>Of the record ring, beside what is on its way to the store at any moment.</summary>
    private const ulong CaughtUp = 2 << 20;

    /// <summary>Some 300 MB, and every message after the answer before it.</summary>
    private static readonly TimeSpan s_retelling = TimeSpan.FromSeconds(60);

    protected override string Configuration => "recorder: { policy: full, memoryBytes: 1GiB }";

    [TestMethod]
    public async Task Killed_again_and_again_while_it_reads_the_store_it_loses_nothing_of_any_conversation()
    {
        // Much to read, of a client that says nothing meanwhile.
        var earlier = StartClient(LabAddresses.Vip4, "--uploads", "1", "--stream-bytes", "600000000", "--stream-rate", "50000000", "--sha256", "--wait-stop");
        await earlier.UntilAsync(progress => progress.UploadFraction > 0.25, Patience, Cancellation);
        earlier.Signal(UnixSignal.Stop);
        // Little enough for the ring to hold what comes until a store that is read by a slow machine can be written.
        var traffic = StartClient(
            LabAddresses.Vip4,
            "--connections", $"{EchoConnections}", "--uploads", "1", "--stream-bytes", "400000000", "--stream-rate", "1000000", "--sha256", "--wait-stop");
        await AllProtectedAsync(AllConnections);

        var early = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            await EndGatewayAsync(UnixSignal.Kill);
            var read = TimesRead();
            await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // what comes meanwhile is more than is on its way at any moment
            await FaultAsync(FaultKind.Heal, "gateway");
            await GatewayUntilAsync(gateway => gateway.Recorder is { RingUsed: < CaughtUp, Store.State: "ready" }, "what was taken in is stored");
            early += TimesRead() == read ? 1 : 0;
        }
        Assert.IsGreaterThan(0, early, "it is stored before all that was there is read");

        await AllProtectedAsync(AllConnections);
        await CrashAsync(LabHost.Node1);
        await ReturnAsync(LabHost.Node1);
        await AllProtectedAsync(AllConnections, s_retelling); // from the first byte on
        await CrashAsync(LabHost.Node2);
        earlier.Signal(UnixSignal.Continue);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // every connection has its turn
        AssertUnharmed(await traffic.FinishAsync(Cancellation), AllConnections - 1);
        AssertUnharmed(await earlier.FinishAsync(Cancellation), 1);
    }

    /// <summary>How many processes have read all that the store held.</summary>
    private int TimesRead() =>
        File.ReadLines(Path.Combine(Lab.Directory, "gateway.log")).Count(line => line.Contains("The store is read", StringComparison.Ordinal));
}
