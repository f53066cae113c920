using Appliance.Lab.Faults;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>A Redis of one's own instead of the embedded store: clients and protection do not depend on it, a restart does.</summary>
[TestClass]
public sealed class ExternalRedisTests : RecorderTest
{
    private const int Port = 6390;
    private const int EchoConnections = 50;
    private const int AllConnections = EchoConnections + 1;

    /// <summary>More than the store's queue takes at once, and for longer than the test takes: the rest goes fast.</summary>
    private const int UploadBytes = 480_000_000;

    /// <summary>Operations that wait at any moment, since the traffic goes on: what is written again is thousands.</summary>
    private const int OnTheWay = 200;

    /// <summary>Until the recorder has begun to write again, and says so.</summary>
    private static readonly TimeSpan s_begins = TimeSpan.FromMilliseconds(250);

    /// <summary>Some 300 MB and 35,000 messages, each after the answer before it, beside the same traffic going on: at 60 MB/s that takes 10 s.</summary>
    private static readonly TimeSpan s_retelling = TimeSpan.FromSeconds(60);

    protected override string Configuration => $"recorder: {{ policy: full, redis: \"127.0.0.1:{Port}\", timeout: 1s }}";

    [TestMethod]
    public async Task It_may_come_late_hang_and_lose_everything_and_is_complete_again_for_the_next_start()
    {
        var traffic = StartClient(
            LabAddresses.Vip4, "--connections", $"{EchoConnections}", "--uploads", "1", "--stream-bytes", $"{UploadBytes}", "--stream-rate", "12000000", "--sha256", "--wait-stop");
        await AllProtectedAsync(AllConnections);
        Assert.AreNotEqual("ready", (await GatewayAsync()).Recorder.Store.State, "nobody is there yet");

        var redis = StartRedis();
        await StoreAsync("ready");
        await traffic.UntilAsync(progress => progress.UploadFraction > 0.08, Patience, Cancellation);
        redis.Signal(UnixSignal.Stop);
        await StoreAsync("degraded");
        await AllProtectedAsync(AllConnections);
        redis.Signal(UnixSignal.Continue);
        await StoreAsync("ready");

        redis.Signal(UnixSignal.Kill);
        await StoreAsync("degraded");
        var generation = (await GatewayAsync()).Recorder.Store.Generation;
        StartRedis();
        await StoreAsync("ready");
        await Task.Delay(s_begins, Cancellation);
        await GatewayUntilAsync(gateway => gateway.Recorder is { Store.QueuedOperations: < OnTheWay, RingUsed: < 1 << 20 }, "all is written again");
        Assert.AreEqual(generation + 1, (await GatewayAsync()).Recorder.Store.Generation, "in one go");
        Assert.AreEqual(0UL, (await GatewayAsync()).Counters["drop_unrecorded"]);

        await FaultAsync(FaultKind.Crash, "gateway");
        await FaultAsync(FaultKind.Heal, "gateway");
        await AllProtectedAsync(AllConnections);
        await CrashAsync(LabHost.Node1);
        await ReturnAsync(LabHost.Node1);
        await AllProtectedAsync(AllConnections, s_retelling); // from the first byte on, out of what Redis gave back
        await CrashAsync(LabHost.Node2);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // every connection has its turn
        AssertUnharmed(await traffic.FinishAsync(Cancellation), AllConnections);
    }

    private LabProcess StartRedis()
    {
        var program = DebianServer.Require("/usr/bin/redis-server", "redis-server");
        return Keep(Lab.StartProcess(
            LabHost.Gateway, [program, "--port", $"{Port}", "--save", "", "--appendonly", "no"], LogOf(LabHost.Gateway, "redis")));
    }

    private Task<GatewayReport> StoreAsync(string state) =>
        GatewayUntilAsync(gateway => gateway.Recorder.Store.State == state, $"the store is {state}");
}
