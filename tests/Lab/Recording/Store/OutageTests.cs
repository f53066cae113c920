using System.Diagnostics;
using System.Globalization;
using Appliance.Gateway.Recording.Store;
using Appliance.Lab.Processes;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recording.Store;

/// <summary>A server that is gone, slow, full, or will not have us: the caller goes on, and afterwards all is put right.</summary>
[TestClass]
public sealed class OutageTests : StoreTest
{
    [TestMethod]
    public async Task A_restarted_server_gets_everything_again()
    {
        using var server = RedisServer.Start();
        var store = Open(server.Address);
        var recoveries = 0;
        store.Recovered += (_, _) => Interlocked.Increment(ref recoveries);
        Fill(store, Key(1), 1, 200_000);
        Fill(store, Key(2), 2, 1000);
        Fill(store, Key(3), 3, 1000);
        await AcknowledgedAsync(store, store.SaveControl(new SavedControl(1000, 3, 0, 2)));
        Assert.AreEqual((StoreState.Ready, 0), (store.State, store.Generation));

        server.Kill();
        await UntilAsync(() => store.State == StoreState.Degraded, "degraded", store);
        await UntilAsync(() => store.Status.Reason.Contains("refuses connections: start the server", StringComparison.Ordinal), "the reason", store);
        Assert.AreEqual(StoreTrouble.Unreachable, store.Status.Trouble);
        Assert.AreEqual(-1, store.Append(Key(1), 1, 200_000, 1, fin: false, new byte[10]));
        store.Close(Key(2), 2);
        Assert.IsGreaterThan(0, store.Open(Key(4), Handshake(4)));
        var saved = store.SaveControl(new SavedControl(2000, 4, 1, 1));
        server.Restart();
        await UntilAsync(() => store.Generation == 1 && Volatile.Read(ref recoveries) > 0, "a new generation", store);

        Assert.AreEqual((StoreState.Ready, 1, 1), (store.State, store.Emptied, recoveries));
        await AcknowledgedAsync(store, saved);
        Fill(store, Key(1), 1, 100_000, from: 100_000);
        await AcknowledgedAsync(store, Fill(store, Key(4), 4, 100));

        var second = Open(server.Address);
        Assert.AreEqual(new SavedControl(2000, 4, 1, 1), await second.LoadControlAsync(Cancellation));
        var flows = (await LoadAsync(second)).ToDictionary(f => f.Handshake.ClientIsn);
        CollectionAssert.AreEquivalent(new uint[] { 1, 3, 4 }, flows.Keys);
        AssertHolds(flows[1], 100_000, 200_000);
        AssertHolds(flows[4], 0, 100);
    }

    [TestMethod]
    public async Task A_broken_connection_loses_nothing_that_is_repeated()
    {
        using var server = RedisServer.Start();
        var store = Open(server.Address);
        await AcknowledgedAsync(store, Fill(store, Key(1), 1, 200_000));

        server.Cli("client", "kill", "type", "normal", "skipme", "yes");
        await UntilAsync(() => Fill(store, Key(1), 1, 200_000) > 0 && store.Generation > 0, "a new generation", store);
        await AcknowledgedAsync(store, Fill(store, Key(1), 1, 300_000));

        Assert.AreEqual(0, store.Emptied);
        AssertHolds((await LoadAsync(Open(server.Address))).Single(), 0, 300_000);
        await AcknowledgedAsync(store, store.Close(Key(1), 1));
        Assert.IsEmpty(server.Keys().Where(k => k.Contains('{', StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task A_server_that_comes_later_than_the_gateway_is_used_when_it_comes()
    {
        var port = RedisServer.FreePort();
        var store = Open($"127.0.0.1:{port}", timeout: TimeSpan.FromMilliseconds(500));
        Assert.IsNull(await store.LoadControlAsync(Cancellation));
        Assert.IsEmpty(await LoadAsync(store));
        await UntilAsync(() => store.State == StoreState.Degraded, "degraded", store);

        using var server = RedisServer.StartAt(port);
        await UntilAsync(() => store.Generation == 1, "a new generation", store);
        await AcknowledgedAsync(store, Fill(store, Key(1), 1, 1000));
        Assert.AreEqual(0, store.Emptied);
    }

    [TestMethod]
    public async Task A_hanging_server_degrades_the_store_in_time_while_calls_return_at_once()
    {
        var timeout = TimeSpan.FromMilliseconds(300);
        using var server = RedisServer.Start();
        var store = Open(server.Address, timeout);
        await AcknowledgedAsync(store, Fill(store, Key(1), 1, 10_000));

        server.Signal(UnixSignal.Stop);
        var (worst, calls, offset) = (TimeSpan.Zero, 0, 10_000L);
        var piece = new byte[1000];
        for (var started = Stopwatch.StartNew(); store.State != StoreState.Degraded;)
        {
            Assert.IsLessThan(5 * timeout, started.Elapsed, "degraded in time");
            var before = Stopwatch.GetTimestamp();
            store.Append(Key(1), 1, offset, 1, fin: false, piece);
            var took = Stopwatch.GetElapsedTime(before);
            worst = took > worst ? took : worst;
            offset += piece.Length;
            calls++;
            await Task.Delay(1, Cancellation);
        }
        TestContext.WriteLine($"{calls} calls, the worst took {worst.TotalMicroseconds:F0} µs");
        Assert.IsLessThan(TimeSpan.FromMilliseconds(20), worst, "no call waits for the server");
        Assert.AreEqual(StoreTrouble.Slow, store.Status.Trouble);
        StringAssert.Contains(store.Status.Reason, "has not answered within 300ms");

        server.Signal(UnixSignal.Continue);
        await UntilAsync(() => store.State == StoreState.Ready, "ready", store);
        Assert.AreEqual(1, store.Generation);
        await AcknowledgedAsync(store, Fill(store, Key(1), 1, 50_000));
        AssertHolds((await LoadAsync(Open(server.Address))).Single(), 0, 50_000);
    }

    [TestMethod]
    public async Task A_server_that_hangs_for_long_gets_a_new_connection_and_nothing_from_the_old_one()
    {
        using var server = RedisServer.Start();
        var store = Open(server.Address, TimeSpan.FromMilliseconds(100));
        await AcknowledgedAsync(store, store.SaveControl(new SavedControl(1000, 1, 0, 0)));
        server.Signal(UnixSignal.Stop);
        Fill(store, Key(1), 1, 1_000_000, piece: 60_000);
        await UntilAsync(() => store.Status.Trouble == StoreTrouble.Unreachable || store.Status.Errors > 12, "given up", store);

        store.SaveControl(new SavedControl(2000, 2, 0, 0));
        server.Signal(UnixSignal.Continue);
        await UntilAsync(() => store.State == StoreState.Ready, "ready", store);
        await AcknowledgedAsync(store, Fill(store, Key(1), 1, 200_000));

        var second = Open(server.Address);
        Assert.AreEqual(2000ul, (await second.LoadControlAsync(Cancellation))!.Value.EpochCeiling);
        var flow = (await LoadAsync(second)).Single();
        var repeated = flow.Pieces.TakeWhile(p => p.Offset < 200_000).ToList();
        Assert.IsGreaterThanOrEqualTo(200_000, repeated[^1].End);
        AssertHolds(flow with { Pieces = repeated }, 0, repeated[^1].End);
    }

    [TestMethod]
    public async Task A_full_server_is_told_apart_and_used_again_once_there_is_room()
    {
        using var server = RedisServer.Start("--maxmemory", "4mb", "--maxmemory-policy", "noeviction");
        var store = Open(server.Address);
        Fill(store, Key(1), 1, 1_000_000);
        for (var i = 0; store.State != StoreState.Degraded; i++)
        {
            Fill(store, Key(2 + i), 7, 500_000);
            await Task.Delay(20, Cancellation);
            Assert.IsLessThan(500, i);
        }
        await UntilAsync(() => store.Status.Trouble == StoreTrouble.Full, "full", store);
        StringAssert.Contains(store.Status.Reason, "raise its maxmemory");

        for (var i = 0; i < 500; i++)
        {
            store.Close(Key(2 + i), 7); // takes effect although the server is full
        }
        await UntilAsync(() => store.State == StoreState.Ready, "ready", store);
        await AcknowledgedAsync(store, Fill(store, Key(1), 1, 1_000_000));
        AssertHolds((await LoadAsync(Open(server.Address))).Single(f => f.Handshake.ClientIsn == 1), 0, 1_000_000);
    }

    [TestMethod]
    public async Task More_than_the_server_can_take_is_refused_and_then_asked_for_again()
    {
        using var server = RedisServer.Start();
        var store = Open(server.Address, queueBytes: 1 << 20);
        store.Open(Key(1), Handshake(1));
        var refused = false;
        var piece = new byte[60_000];
        for (var offset = 0L; !refused; offset += piece.Length)
        {
            refused = store.Append(Key(1), 1, offset, 1, fin: false, piece) < 0;
        }
        await UntilAsync(() => store.Generation > 0 && store.State == StoreState.Ready, "a new generation", store);
        await AcknowledgedAsync(store, Fill(store, Key(2), 2, 1000));
        Assert.AreEqual(0, store.Status.QueuedBytes);
    }

    [TestMethod]
    [DataRow(null, StoreTrouble.Auth, "write password=… into recorder.redis")]
    [DataRow("wrong", StoreTrouble.Auth, "mend the password in recorder.redis")]
    [DataRow("right", StoreTrouble.None, "")]
    public async Task A_password_is_asked_for_in_clear_words(string? password, StoreTrouble trouble, string clue)
    {
        using var server = RedisServer.Start("--requirepass", "right");
        var store = Open(password is null ? server.Address : $"{server.Address},password={password}");
        await UntilAsync(() => store.State != StoreState.Connecting, "an outcome", store);
        Assert.AreEqual(trouble, store.Status.Trouble, store.Status.Reason);
        StringAssert.Contains(store.Status.Reason, clue);
        StringAssert.DoesNotMatch(store.Status.ToString(), new("wrong|right"));
    }

    [TestMethod]
    public async Task A_replica_is_told_apart()
    {
        using var master = RedisServer.Start();
        using var replica = RedisServer.Start("--replicaof", "127.0.0.1", master.Port.ToString(CultureInfo.InvariantCulture));
        var store = Open(replica.Address);
        await UntilAsync(() => store.Status.Trouble == StoreTrouble.ReadOnly, "read-only", store);
        StringAssert.Contains(store.Status.Reason, "name the master");

        replica.Cli("replicaof", "no", "one");
        await UntilAsync(() => store.State == StoreState.Ready, "ready", store);
    }

    [TestMethod]
    public async Task What_does_not_speak_Redis_is_told_apart()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var greeting = Task.Run(async () =>
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(Cancellation);
                await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), Cancellation);
            }
        });
        var store = Open(listener.LocalEndpoint.ToString()!);
        await UntilAsync(() => store.State == StoreState.Degraded, "degraded", store);
        StringAssert.Contains(store.Status.Reason, "does not speak the Redis protocol");
        listener.Stop();
        await Assert.ThrowsAsync<Exception>(() => greeting);
    }
}
