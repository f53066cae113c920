using Appliance.Gateway.Recording.Store;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recording.Store;

/// <summary>Keys that are damaged, of another version, or somebody else's: skipped, named, left alone.</summary>
[TestClass]
public sealed class ForeignKeyTests : StoreTest
{
    private const string Good = "appliance:{10.0.1.2:2001-10.0.2.100:80-00000001}";
    private const string Bad = "appliance:{10.0.1.2:2002-10.0.2.100:80-00000002}";

    [TestMethod]
    [DataRow("setrange", ":h", "4", "\u0009", "has version 9, this gateway reads version 1: delete the key, or run the gateway that wrote it", DisplayName = "another version")]
    [DataRow("setrange", ":h", "0", "hello", "is not the appliance's: choose another recorder.keyPrefix, or delete the key", DisplayName = "another magic number")]
    [DataRow("setrange", ":h", "15", "\u0007", "is damaged: delete the key", DisplayName = "a flipped byte")]
    [DataRow("append", ":h", "x", null, "is damaged: delete the key", DisplayName = "a longer header")]
    [DataRow("set", ":h", "", null, "is not the appliance's", DisplayName = "an empty header")]
    [DataRow("lpush", ":h", "x", null, "is not the appliance's", DisplayName = "a list")]
    public async Task A_header_that_cannot_be_used_costs_its_connection_alone(string command, string key, string first, string? second, string clue)
    {
        using var server = RedisServer.Start();
        await FillTwoAsync(server);
        if (command == "lpush")
        {
            server.Cli("del", Bad + key);
        }
        server.Cli(second is null ? [command, Bad + key, first] : [command, Bad + key, first, second]);
        var before = server.Keys();

        var flows = await LoadAsync(Open(server.Address));

        AssertHolds(flows.Single(), 0, 100_000);
        StringAssert.StartsWith(Reports.Single(), Bad + key + ": ");
        StringAssert.Contains(Reports.Single(), clue);
        CollectionAssert.IsSubsetOf(before.ToArray(), server.Keys().ToArray());
    }

    [TestMethod]
    public async Task A_header_under_another_connections_name_is_not_believed()
    {
        using var server = RedisServer.Start();
        await FillTwoAsync(server);
        server.Cli("copy", Good + ":h", Bad + ":h", "replace");
        Assert.HasCount(1, await LoadAsync(Open(server.Address)));
        StringAssert.Contains(Reports.Single(), "another connection's");
    }

    [TestMethod]
    public async Task Damaged_pieces_are_gaps()
    {
        using var server = RedisServer.Start();
        await FillTwoAsync(server);
        server.Cli("setrange", Bad + ":d:0", "5000", "xx");
        server.Cli("del", Bad + ":m:65536");

        var flows = (await LoadAsync(Open(server.Address))).ToDictionary(f => f.Handshake.ClientIsn);

        AssertHolds(flows[1], 0, 100_000);
        Assert.IsFalse(flows[2].Pieces.Any(p => p.Offset <= 5000 && p.End > 5000));
        Assert.IsTrue(flows[2].Pieces.All(p => p.Bytes.SequenceEqual(Content(p.Offset, p.Bytes.Length))));
        CollectionAssert.AreEquivalent(
            new[] { $"{Bad}:d:0: 1 of 46 pieces are damaged and skipped", $"{Bad}:m:65536: is missing, so its bytes are lost" }, Reports.ToArray());
    }

    [TestMethod]
    public async Task Foreign_keys_in_the_way_hurt_nobody_else_and_stay()
    {
        using var server = RedisServer.Start();
        server.Cli("lpush", Bad + ":d:0", "mine");
        server.Cli("set", "appliance:{somebody}:else", "mine");
        server.Cli("sadd", "appliance:flows:07", "no connection", "1.2.3.4:5-6.7.8.9:10-zz");
        var store = Open(server.Address);
        Fill(store, Key(2), 2, 100);
        server.Cli("set", "appliance:control:1", "mine");
        await AcknowledgedAsync(store, Fill(store, Key(1), 1, 100_000));
        Assert.AreEqual(StoreState.Ready, store.State);

        var second = Open(server.Address);
        Assert.IsNull(await second.LoadControlAsync(Cancellation));
        var flows = await LoadAsync(second);

        AssertHolds(flows.Single(f => f.Handshake.ClientIsn == 1), 0, 100_000);
        Assert.HasCount(3, Reports.Where(r => r.StartsWith("appliance:flows:07: '", StringComparison.Ordinal) || r.StartsWith("appliance:control:1: is not the appliance's", StringComparison.Ordinal)));
        Assert.AreEqual("mine", server.Cli("get", "appliance:{somebody}:else"));
        Assert.AreEqual("2", server.Cli("scard", "appliance:flows:07"));
    }

    [TestMethod]
    public async Task A_key_that_tells_of_a_running_gateway_and_is_somebody_elses_is_named()
    {
        using var server = RedisServer.Start();
        server.Cli("lpush", "appliance:alive", "mine");
        var store = Open(server.Address);
        await UntilAsync(() => store.State == StoreState.Degraded, "degraded", store);
        StringAssert.Contains(store.Status.Reason, "appliance:alive is not the appliance's: choose another recorder.keyPrefix, or delete the key");
        Assert.AreEqual("mine", server.Cli("lrange", "appliance:alive", "0", "-1"));

        server.Cli("del", "appliance:alive");
        await UntilAsync(() => store.State == StoreState.Ready, "ready", store);
        await AcknowledgedAsync(store, Fill(store, Key(1), 1, 1000));
    }

    private async Task FillTwoAsync(RedisServer server)
    {
        await using var store = Open(server.Address);
        Fill(store, Key(1), 1, 100_000);
        await AcknowledgedAsync(store, Fill(store, Key(2), 2, 100_000));
    }
}
