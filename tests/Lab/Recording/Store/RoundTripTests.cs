using Appliance.Gateway.Recording.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recording.Store;

/// <summary>What goes in comes out, from Redis and from the embedded server.</summary>
[TestClass]
public sealed class RoundTripTests : StoreTest
{
    [TestMethod]
    [DataRow(false, DisplayName = "Redis")]
    [DataRow(true, DisplayName = "embedded Garnet")]
    public async Task A_second_gateway_reads_what_the_first_one_wrote(bool embedded)
    {
        using var place = new StorePlace(embedded);
        await using (var store = place.Open())
        {
            Fill(store, Key(1), 1, 300_000);
            Fill(store, Key(2), 2, 100, piece: 1);
            Fill(store, Key(3), 3, 70_000, piece: 65_000, from: 1_000_000_000_000);
            store.Append(Key(3), 3, 1_000_000_070_000, 9, fin: true, []);
            store.Open(Key(4), Handshake(4));
            Fill(store, Key(5), 5, 100);
            store.Close(Key(5), 5);
            await AcknowledgedAsync(store, store.SaveControl(new SavedControl(2000, 17, 1, 0b10)));
        }

        await using var second = place.Open();

        Assert.AreEqual(new SavedControl(2000, 17, 1, 0b10), await second.LoadControlAsync(Cancellation));
        var flows = (await LoadAsync(second)).ToDictionary(f => f.Handshake.ClientIsn);
        CollectionAssert.AreEquivalent(new uint[] { 1, 2, 3, 4 }, flows.Keys);
        AssertHolds(flows[1], 0, 300_000);
        AssertHolds(flows[2], 0, 100);
        Assert.HasCount(100, flows[2].Pieces);
        Assert.AreEqual(1099u, flows[2].Pieces[^1].Ack);
        AssertHolds(flows[3], 1_000_000_000_000, 1_000_000_070_001);
        Assert.IsTrue(flows[3].Pieces[^1].Fin);
        Assert.IsEmpty(flows[4].Pieces);
        Assert.AreEqual((Key(1), Handshake(1)), (flows[1].Key, flows[1].Handshake));
        Assert.IsEmpty(Reports);
    }

    [TestMethod]
    [DataRow(false, DisplayName = "Redis")]
    [DataRow(true, DisplayName = "embedded Garnet")]
    public async Task A_window_moves_on_and_goes_on_after_a_restart(bool embedded)
    {
        using var place = new StorePlace(embedded);
        await using (var store = place.Open())
        {
            for (var offset = 0L; offset < 20_000_000; offset += 100_000)
            {
                Fill(store, Key(1), 1, 100_000, from: offset, piece: 20_000);
                store.Release(Key(1), 1, offset - 200_000);
            }
            await AcknowledgedAsync(store, store.Release(Key(1), 1, 19_750_000));
        }
        await using (var store = place.Open())
        {
            var flow = (await LoadAsync(store)).Single();
            Assert.IsInRange(19_650_000, 19_750_000, flow.Start);
            AssertHolds(flow, flow.Start, 20_000_000);
            Fill(store, Key(1), 1, 100_000, from: 20_000_000);
            await AcknowledgedAsync(store, store.Release(Key(1), 1, 19_900_000));
        }
        await using (var store = place.Open())
        {
            var flow = (await LoadAsync(store)).Single();
            AssertHolds(flow, flow.Start, 20_100_000);
            await AcknowledgedAsync(store, store.Close(Key(1), 1));
        }
        await using var last = place.Open();
        Assert.IsEmpty(await LoadAsync(last));
        Assert.IsEmpty(Reports);
    }

    [TestMethod]
    public async Task Pieces_out_of_order_repeated_and_overlapping_come_out_in_order_and_once()
    {
        using var server = RedisServer.Start();
        var store = Open(server.Address);
        store.Open(Key(1), Handshake(1));
        foreach (var (offset, length) in ((long, int)[])[(200_000, 1000), (0, 5000), (4000, 2000), (199_000, 1000), (6000, 193_000), (0, 5000), (201_000, 1)])
        {
            for (var at = 0; at < length; at += 60_000)
            {
                store.Append(Key(1), 1, offset + at, 7, fin: false, Content(offset + at, Math.Min(60_000, length - at)));
            }
        }
        await AcknowledgedAsync(store, store.Append(Key(1), 1, 201_001, 8, fin: true, []));

        AssertHolds((await LoadAsync(Open(server.Address))).Single(), 0, 201_002);
    }

    [TestMethod]
    public async Task Between_finding_a_connection_and_reading_it_it_goes_on_or_ends()
    {
        using var server = RedisServer.Start();
        await using (var first = Open(server.Address))
        {
            Fill(first, Key(1), 1, 100_000);
            await AcknowledgedAsync(first, Fill(first, Key(2), 2, 200_000));
        }
        var second = Open(server.Address);
        var found = (await second.FindFlowsAsync(Cancellation)).ToDictionary(f => f.ClientIsn);
        Fill(second, Key(1), 1, 50_000, from: 100_000);
        await AcknowledgedAsync(second, second.Close(Key(2), 2));

        AssertHolds((await second.LoadFlowAsync(found[1], Cancellation))!, 0, 100_000);
        Assert.IsNull(await second.LoadFlowAsync(found[2], Cancellation));
        Assert.IsEmpty(Reports);
        AssertHolds((await LoadAsync(Open(server.Address))).Single(), 0, 150_000);
    }

    [TestMethod]
    public async Task Nothing_is_left_of_a_closed_connection_and_everything_else_expires()
    {
        using var server = RedisServer.Start();
        var store = Open(server.Address, ttl: TimeSpan.FromMinutes(5));
        Fill(store, Key(1), 1, 1_000_000);
        Fill(store, Key(2), 2, 300_000);
        await AcknowledgedAsync(store, store.SaveControl(new SavedControl(1, 1, 0, 0)));
        foreach (var key in server.Keys())
        {
            Assert.IsInRange(1, 300, int.Parse(server.Cli("ttl", key)), key);
        }

        store.Close(Key(1), 1);
        await AcknowledgedAsync(store, store.Close(Key(2), 2));

        CollectionAssert.AreEquivalent(new[] { "appliance:alive", "appliance:control:1", "appliance:probe" }, server.Keys().ToArray());
    }

    [TestMethod]
    public async Task The_keys_are_as_documented()
    {
        using var server = RedisServer.Start();
        var store = Open(server.Address, prefix: "east");
        Fill(store, Key(8000), 0x1a2b3c4d, 70_000, piece: 35_000);
        await AcknowledgedAsync(store, store.SaveControl(new SavedControl(1000, 3, -1, 1)));

        const string Tag = "east:{10.0.1.2:10000-10.0.2.100:80-1a2b3c4d}";
        var keys = server.Keys();
        var index = keys.Single(k => k.StartsWith("east:flows:", StringComparison.Ordinal));
        CollectionAssert.AreEquivalent(
            new[] { $"{Tag}:h", $"{Tag}:l:0", $"{Tag}:d:0", $"{Tag}:m:0", $"{Tag}:d:65536", $"{Tag}:m:65536", "east:alive", "east:control:1", "east:probe", index },
            keys.ToArray());
        Assert.AreEqual("10.0.1.2:10000-10.0.2.100:80-1a2b3c4d", server.Cli("smembers", index));
        StringAssert.StartsWith(server.Hex($"{Tag}:h"), "4150" + "4c46" + "01");
        Assert.AreEqual("0000000000000001" + "0000000000010001", server.Hex($"{Tag}:l:0"));
        Assert.AreEqual("65536", server.Cli("strlen", $"{Tag}:d:0"));
        Assert.AreEqual("4464", server.Cli("strlen", $"{Tag}:d:65536"));
        StringAssert.StartsWith(server.Hex($"{Tag}:m:0"), "800088b8" + "000003e8" + "0000000000000000");
        StringAssert.StartsWith(server.Hex($"{Tag}:m:65536"), "80001170" + "00008ca0" + "0000000000010000");
    }

    [TestMethod]
    public async Task Two_appliances_share_a_server()
    {
        using var server = RedisServer.Start();
        var (east, west) = (Open(server.Address, prefix: "east"), Open(server.Address, prefix: "west"));
        await AcknowledgedAsync(east, Fill(east, Key(1), 1, 100));
        await AcknowledgedAsync(west, Fill(west, Key(1), 1, 200));
        await AcknowledgedAsync(west, west.Close(Key(1), 1));

        AssertHolds((await LoadAsync(Open(server.Address, prefix: "east"))).Single(), 0, 100);
        Assert.IsEmpty(await LoadAsync(Open(server.Address, prefix: "west")));
    }

    /// <summary>A server that outlives its stores, or a directory that does.</summary>
    private sealed class StorePlace(bool embedded) : IDisposable
    {
        private readonly RedisServer? _server = embedded ? null : RedisServer.Start();
        private readonly string _directory = Directory.CreateTempSubdirectory("appliance-store-").FullName;

        public RedisRecordingStore Open()
        {
            var settings = new StoreSettings { ConnectionString = _server?.Address ?? string.Empty };
            return _server is null
                ? new RedisRecordingStore(EmbeddedGarnet.Start(_directory, 0, NullLogger.Instance), settings, NullLogger.Instance)
                : new RedisRecordingStore(settings, NullLogger.Instance);
        }

        public void Dispose()
        {
            _server?.Dispose();
            Directory.Delete(_directory, recursive: true);
        }
    }
}
