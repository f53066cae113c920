using Appliance.Lab;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>No byte passes the gateway that is not in the record.</summary>
[TestClass]
public sealed class RecordBeforeForwardTests : RecorderTest
{
    private const int Port = 7100;
    private const int RingBytes = 1 << 20;
    private const int Prelude = 100_000;
    private const int Length = 20_000_000;

    /// <summary>A small ring, and nodes that do not mind a gateway that is stopped for seconds.</summary>
    protected override string Configuration => $$"""
        recorder: { ringBytes: {{RingBytes >> 20}}MiB }
        heartbeat: { timeout: 20s, lease: 60s }
        """;

    protected override LabOptions Options => base.Options with { DetectionTimeout = null };

    [TestMethod]
    public async Task A_stopped_recorder_stops_the_clients_bytes_and_the_record_has_all_that_passed()
    {
        var content = Pattern.Bytes(Length);
        var primary = Keep(new ByteCountingServer(Lab, LabHost.Node1, Port, content));
        var backup = Keep(new ByteCountingServer(Lab, LabHost.Node2, Port, content));
        var socket = Keep(await ClientNetwork.ConnectAsync(Lab, Port, Cancellation));
        await socket.TellAsync(content.AsMemory(0, Prelude));
        await UntilAsync(() => backup.Received == Prelude, "the backup has the prelude");
        await GatewayUntilAsync(gateway => gateway.Recorder.RingUsed == 0, "the ring is empty");

        // Not one copy reaches the backup from here on: what it gets, it gets from the record.
        await LoseCopiesAsync(Everything);
        await SignalAsync(LabHost.Gateway, UnixSignal.Stop);
        var sending = socket.TellAsync(content.AsMemory(Prelude));
        await UntilAsync(() => primary.Received > Prelude + (RingBytes / 2), "the server receives what the ring has room for");
        var passed = await StandstillAsync(primary);

        Assert.IsLessThanOrEqualTo(Prelude + RingBytes, passed, "more than the ring can hold has passed");
        Assert.IsFalse(sending.IsCompleted);
        Assert.AreEqual(Prelude, backup.Received, "nobody repairs now");

        await SignalAsync(LabHost.Gateway, UnixSignal.Continue);
        await UntilAsync(() => backup.Received >= passed, "the backup gets from the record what had passed");
        Assert.IsGreaterThan(0UL, (await GatewayAsync()).Counters["drop_unrecorded"]);
        await sending;
        Assert.AreEqual("right", await socket.HearTextAsync(5));
        await UntilAsync(() => backup.Received == Length, "the backup gets everything from the record");
    }

    /// <summary>Waits until a server has received nothing for as long as a client takes to send again several times.</summary>
    private async Task<long> StandstillAsync(ByteCountingServer server)
    {
        var before = -1L;
        var since = TimeProvider.System.GetTimestamp();
        await UntilAsync(
            () =>
            {
                if (server.Received != before)
                {
                    (before, since) = (server.Received, TimeProvider.System.GetTimestamp());
                }

                return TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(1);
            },
            "the server receives nothing for a second");
        return before;
    }
}
