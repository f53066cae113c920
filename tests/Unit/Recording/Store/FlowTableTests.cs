using System.Net;
using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording.Store;

namespace Appliance.Tests.Unit.Recording.Store;

/// <summary>Which commands come of what the recorder says.</summary>
[TestClass]
public sealed class FlowTableTests
{
    private static readonly FlowId s_flow = new(new FlowKey(IPEndPoint.Parse("10.0.1.2:40000"), IPEndPoint.Parse("10.0.2.100:80")), 0x1a2b3c4d);
    private static readonly string s_tag = $"p:{{{s_flow}}}";

    private readonly MemoryStrings _server = new();
    private readonly Clock _clock = new();
    private readonly SlabPool _slabs = new();
    private FlowTable _table;

    public FlowTableTests() => _table = Table(reserve: false);

    [TestMethod]
    public void Neighbouring_pieces_are_one_command()
    {
        Open();
        for (var i = 0; i < 10; i++)
        {
            Append(i * 100, 100);
        }
        _table.Emit(_server);
        CollectionAssert.AreEqual(
            new[] { $"SET {s_tag}:d:0", $"SET {s_tag}:m:0", $"SET {s_tag}:l:0", $"SET {s_tag}:h", $"SADD p:flows:33", "EXPIRE p:flows:33" },
            _server.Commands);
        Assert.HasCount(1000, _server.Strings[$"{s_tag}:d:0"]);
        Assert.HasCount(200, _server.Strings[$"{s_tag}:m:0"]);

        _server.Commands.Clear();
        Append(1000, 100);
        _table.Emit(_server);
        CollectionAssert.AreEqual(new[] { $"SETRANGE {s_tag}:d:0", $"SETRANGE {s_tag}:m:0" }, _server.Commands);
        Assert.IsEmpty(_server.WithoutTimeToLive);
    }

    [TestMethod]
    public void A_piece_that_fills_a_segment_goes_on_in_the_next()
    {
        Open();
        Append(10, 100_000, fin: true);
        _table.Emit(_server);
        Assert.HasCount(65536, _server.Strings[$"{s_tag}:d:10"]);
        Assert.HasCount(100_000 - 65536, _server.Strings[$"{s_tag}:d:65546"]);
        Assert.IsTrue(PieceMark.TryRead(_server.Strings[$"{s_tag}:m:10"], out var first));
        Assert.IsTrue(PieceMark.TryRead(_server.Strings[$"{s_tag}:m:65546"], out var second));
        Assert.AreEqual((10, 65536, false), (first.Offset, first.Length, first.Fin));
        Assert.AreEqual((65546, 34464, true), (second.Offset, second.Length, second.Fin));
        Assert.AreEqual("000000000000000b000000000001000b", Convert.ToHexStringLower(_server.Strings[$"{s_tag}:l:0"]));
    }

    [TestMethod]
    public void A_gap_costs_little()
    {
        Open();
        Append(0, 10);
        Append(60_000, 10);
        Append(4000, 10);
        _table.Emit(_server);
        Assert.HasCount(4010, _server.Strings[$"{s_tag}:d:0"]);
        Assert.HasCount(10, _server.Strings[$"{s_tag}:d:60000"]);
    }

    [TestMethod]
    public void Released_segments_are_deleted_and_their_pages_too()
    {
        Open();
        for (long offset = 0; offset < 200_000_000; offset += 65_536)
        {
            Append(offset, 65_536);
            Do(OperationKind.Release, offset - 1_000_000);
            _table.Emit(_server);
            Assert.IsLessThan(50, _server.Strings.Count);
        }
        Assert.IsTrue(_server.Strings.ContainsKey($"{s_tag}:l:2") && !_server.Strings.ContainsKey($"{s_tag}:l:1"));
        Assert.IsNull(FlowHeader.TryRead(_server.Strings[$"{s_tag}:h"], s_flow, out var header));
        Assert.AreEqual(2, header.FirstPage);
        Assert.IsInRange(198_900_000, 199_000_000, header.Start);
    }

    [TestMethod]
    public void What_was_released_before_it_was_written_is_not_written()
    {
        Open();
        Append(0, 1000);
        Append(1000, 1000);
        Do(OperationKind.Release, 1000);
        _table.Emit(_server);
        Assert.IsTrue(_server.Strings.ContainsKey($"{s_tag}:d:1000") && !_server.Strings.ContainsKey($"{s_tag}:d:0"));
    }

    [TestMethod]
    public void Nothing_is_left_of_a_closed_connection()
    {
        Open();
        Append(0, 3_000_000);
        _table.Emit(_server);
        Append(3_000_000, 100);
        Do(OperationKind.Close);
        _table.Emit(_server);
        Assert.IsEmpty(_server.Keys);
        Assert.IsFalse(Append(0, 1), "closed");
    }

    [TestMethod]
    public void A_connection_that_was_never_written_needs_no_deletion()
    {
        Open();
        Do(OperationKind.Close);
        Assert.IsEmpty(_table.Emit(_server));
        Assert.IsEmpty(_server.Commands);
    }

    [TestMethod]
    public void A_connection_that_is_opened_again_outlives_its_deletion()
    {
        Open();
        Append(0, 10);
        _table.Emit(_server);
        Do(OperationKind.Close);
        Open();
        Append(0, 20);
        _table.Emit(_server);
        Assert.HasCount(20, _server.Strings[$"{s_tag}:d:0"]);
        Assert.HasCount(1, _server.Sets);
    }

    [TestMethod]
    public void Deletions_that_failed_are_repeated()
    {
        Open();
        Append(0, 10);
        _table.Emit(_server);
        Do(OperationKind.Close);
        _table.Return(_table.Emit(new MemoryStrings { Sets = { ["p:flows:33"] = [s_flow.ToString()] } }));
        _table.Emit(_server);
        Assert.IsEmpty(_server.Keys);
    }

    [TestMethod]
    public void After_an_outage_everything_but_the_bytes_is_written_again()
    {
        Open();
        Append(0, 200_000);
        _table.Emit(_server);
        var emptied = new MemoryStrings();
        _table.Doubt();
        Append(150_000, 50_000);
        _table.Emit(emptied);
        CollectionAssert.AreEquivalent(
            new[] { $"{s_tag}:h", $"{s_tag}:l:1", $"{s_tag}:d:131072", $"{s_tag}:m:131072", $"{s_tag}:d:196608", $"{s_tag}:m:196608", "p:flows:33" },
            emptied.Keys.ToArray());
        Assert.IsEmpty(emptied.WithoutTimeToLive);
        Assert.HasCount(4 * 8, emptied.Strings[$"{s_tag}:l:1"]);
        Assert.HasCount(65536, emptied.Strings[$"{s_tag}:d:131072"]);
    }

    [TestMethod]
    public void Repeating_what_is_stored_changes_no_byte()
    {
        Open();
        Append(0, 200_000);
        _table.Emit(_server);
        var before = _server.Strings[$"{s_tag}:d:65536"].ToArray();
        _table.Doubt();
        Append(0, 200_000);
        _table.Emit(_server);
        CollectionAssert.AreEqual(before, _server.Strings[$"{s_tag}:d:65536"]);
        Assert.HasCount(4, _server.Strings.Keys.Where(k => k.Contains(":d:", StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public void For_a_log_structured_server_room_is_made_in_advance()
    {
        _table = Table(reserve: true);
        Open();
        for (var offset = 0; offset < 65_536; offset += 64)
        {
            Append(offset, 64);
            _table.Emit(_server);
        }
        Assert.HasCount(65_536, _server.Strings[$"{s_tag}:d:0"]);
        Assert.IsLessThan(4 * 65_536, _server.Copied);
    }

    [TestMethod]
    public void Times_to_live_are_renewed_while_a_connection_lives()
    {
        Open();
        Append(0, 100_000);
        _table.Emit(_server);
        _table.EmitRefreshes(_server);
        _server.Commands.Clear();
        _clock.Now += TimeSpan.FromMinutes(14);
        _table.EmitRefreshes(_server);
        Assert.IsEmpty(_server.Commands.Where(c => c.Contains('{', StringComparison.Ordinal)));
        _clock.Now += TimeSpan.FromMinutes(4);
        _table.EmitRefreshes(_server);
        CollectionAssert.AreEquivalent(_server.Keys.Select(k => $"EXPIRE {k}").ToArray(), _server.Commands.Distinct().ToArray());
    }

    [TestMethod]
    public void All_keys_of_a_connection_share_a_cluster_slot()
    {
        Open();
        Append(0, 200_000);
        _table.Emit(_server);
        var keys = _server.Strings.Keys.ToList();
        Assert.HasCount(10, keys);
        Assert.HasCount(1, keys.Select(ClusterSlot.Of).Distinct());
        Assert.AreEqual(12739, ClusterSlot.Of("123456789")); // the specification's own check value, 0x31C3
    }

    private FlowTable Table(bool reserve) => new(new StoreKeys("p"), TimeSpan.FromHours(1), reserve, _clock);

    private void Open() => _table.Apply(new StoreOperation { Kind = OperationKind.Open, Flow = s_flow, Subject = new Handshake { ClientIsn = s_flow.ClientIsn } });

    private bool Append(long offset, int length, bool fin = false) => _table.Apply(new StoreOperation
    {
        Kind = OperationKind.Append,
        Flow = s_flow,
        Offset = offset,
        Fin = fin,
        Payload = _slabs.Copy([.. Enumerable.Range(0, length).Select(i => (byte)((offset + i) >> 3))]),
    });

    private void Do(OperationKind kind, long offset = 0) => _table.Apply(new StoreOperation { Kind = kind, Flow = s_flow, Offset = offset });

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
