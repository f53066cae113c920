using System.Text;
using Appliance.Recording;

namespace Appliance.Tests.Unit.Recording;

[TestClass]
public sealed class FlowWindowTests
{
    private const uint Isn = 1000;

    private readonly ChunkPool _pool = new(64 * ChunkPool.ChunkBytes);

    [TestMethod]
    public void A_new_window_holds_nothing()
    {
        var window = Window();
        Assert.AreEqual((0L, 0L, null, 0L, 0), (window.Start, window.End, window.FinOffset, window.Bytes, window.Pieces));
        Assert.IsFalse(window.TryRead(0, new byte[10], out _));
        Assert.IsNull(window.NextHeld(0));
        Assert.AreEqual(0, window.ContiguousEnd(0));
        Assert.AreEqual((Isn + 1, 0L, -1L), (window.SequenceOf(0), window.OffsetOf(Isn + 1), window.OffsetOf(Isn)));
    }

    [TestMethod]
    public void Segments_in_order_with_one_mark_become_one_piece()
    {
        var window = Window();
        Assert.AreEqual(new AppendResult(3, 0, 0, 0, 0), Append(window, 0, "abc", nowNs: 10));
        Assert.AreEqual(new AppendResult(2, 0, 0, 0, 0), Append(window, 3, "de", nowNs: 20));
        Assert.AreEqual((5L, 5L, 1), (window.End, window.Bytes, window.Pieces));
        Assert.AreEqual("abcde@7 t10", Read(window, 0));
        Assert.AreEqual("de@7 t10", Read(window, 3));
    }

    [TestMethod]
    public void A_mark_stays_with_its_bytes()
    {
        var window = Window();
        Append(window, 0, "abc", ack: 7, nowNs: 10);
        Append(window, 3, "de", ack: 8, nowNs: 20);
        Assert.AreEqual(2, window.Pieces);
        Assert.AreEqual(("abc@7 t10", "de@8 t20"), (Read(window, 0), Read(window, 3)));
        Assert.AreEqual(new AppendResult(1, 5, 0, 0, 0), Append(window, 0, "abcdef", ack: 9, nowNs: 30));
        Assert.AreEqual(("abc@7 t10", "de@8 t20", "f@9 t30"), (Read(window, 0), Read(window, 3), Read(window, 5)));
        Assert.AreEqual(6, window.ContiguousEnd(1), "whatever the marks");
    }

    [TestMethod]
    public void A_read_ends_with_its_destination()
    {
        var window = Window();
        Append(window, 0, "abcdef", fin: true);
        var few = new byte[4];
        Assert.IsTrue(window.TryRead(1, few, out var piece));
        Assert.AreEqual(new WindowPiece(1, 4, 7, Fin: false, 1), piece);
        Assert.AreEqual(("bcde", 5L), (Encoding.ASCII.GetString(few), piece.End));
        Assert.IsTrue(window.TryRead(1, [], out piece));
        Assert.AreEqual(new WindowPiece(1, 0, 7, Fin: false, 1), piece);
    }

    [TestMethod]
    public void What_comes_early_leaves_a_hole_until_it_is_filled()
    {
        var window = Window();
        Append(window, 0, "abc", nowNs: 1);
        Append(window, 6, "ghi", nowNs: 2);
        Assert.AreEqual((9L, 6L, 2), (window.End, window.Bytes, window.Pieces));
        Assert.IsFalse(window.TryRead(4, new byte[1], out _));
        Assert.AreEqual((6L, 8L, null), (window.NextHeld(3), window.NextHeld(8), window.NextHeld(9)));
        Assert.AreEqual((3L, 4L, 9L), (window.ContiguousEnd(1), window.ContiguousEnd(4), window.ContiguousEnd(6)));
        Append(window, 3, "def", nowNs: 3);
        Assert.AreEqual((1, "abcdefghi@7 t1"), (window.Pieces, Read(window, 0)));
    }

    [TestMethod]
    public void The_first_copy_of_a_byte_wins()
    {
        var window = Window();
        Append(window, 2, "cde");
        Assert.AreEqual(new AppendResult(4, 2, 1, 0, 0), Append(window, 0, "abcXefg"));
        Assert.AreEqual("abcdefg@7 t1", Read(window, 0));
    }

    [TestMethod]
    public void One_segment_fills_many_holes()
    {
        var window = Window();
        for (var i = 1; i < 20; i += 2)
        {
            Append(window, i, "x", ack: 100 + (uint)i);
        }
        Assert.AreEqual(10, window.Pieces);
        Assert.AreEqual(new AppendResult(11, 10, 0, 0, 0), Append(window, 0, new string('x', 21)));
        Assert.AreEqual((21, 21L, 21L), (window.Pieces, window.Bytes, window.ContiguousEnd(0)));
    }

    [TestMethod]
    public void What_was_released_is_old()
    {
        var window = Window();
        Append(window, 0, "abcdef");
        window.Release(4);
        Assert.AreEqual((4L, 6L, 2L, "ef@7 t1"), (window.Start, window.End, window.Bytes, Read(window, 4)));
        Assert.IsFalse(window.TryRead(3, new byte[1], out _));
        Assert.AreEqual(4, window.NextHeld(0));
        Assert.AreEqual(new AppendResult(1, 2, 0, 4, 0), Append(window, 0, "abcdefg"));
        Assert.AreEqual(new AppendResult(0, 0, 0, 2, 0), Append(window, -1, "??"), "a keepalive's byte below the stream");
        window.Release(2);
        Assert.AreEqual(4, window.Start, "never goes back");
    }

    [TestMethod]
    public void A_release_may_run_ahead_of_the_record()
    {
        var window = Window();
        Append(window, 0, "abc");
        window.Release(10);
        Assert.AreEqual((10L, 10L, 0L, 0), (window.Start, window.End, window.Bytes, window.Pieces));
        Assert.AreEqual(0, _pool.UsedBytes);
        Assert.AreEqual(new AppendResult(3, 0, 0, 2, 0), Append(window, 8, "ijklm"));
        Assert.AreEqual("klm@7 t1", Read(window, 10));
    }

    [TestMethod]
    public void Eviction_lets_go_of_everything()
    {
        var window = Window();
        Append(window, 5, "abc");
        window.Evict();
        Assert.AreEqual((8L, 8L, 0L, 0L), (window.Start, window.End, window.Bytes, _pool.UsedBytes));
        Assert.AreEqual(new AppendResult(1, 0, 0, 0, 0), Append(window, 8, "d"));
    }

    [TestMethod]
    public void A_window_goes_no_further_than_its_bound()
    {
        var window = Window(maxBytes: 10);
        Append(window, 0, "abcdefgh");
        Assert.AreEqual(new AppendResult(0, 1, 0, 0, 3), Append(window, 7, "hijk"), "all or nothing");
        Assert.AreEqual((8L, "abcdefgh@7 t1"), (window.End, Read(window, 0)));
        Assert.AreEqual(new AppendResult(3, 0, 0, 0, 0), Append(window, 8, "ij", fin: true), "a FIN takes no room");
        window.Release(1);
        Assert.AreEqual(1, Append(Window(maxBytes: 10), 10, "k").Refused);
    }

    [TestMethod]
    public void An_empty_pool_refuses_and_nothing_changes()
    {
        var window = Window();
        var other = Window();
        var large = new string('x', 61 * ChunkPool.ChunkBytes);
        Assert.AreEqual(large.Length, Append(window, 0, large).New);
        Assert.AreEqual(62 * ChunkPool.ChunkBytes, _pool.UsedBytes, "one is for the pieces");
        Assert.AreEqual(5000, Append(other, 0, new string('y', 5000)).Refused);
        Assert.AreEqual((0L, 0L, 0), (other.End, other.Bytes, other.Pieces));
        Assert.AreEqual(62 * ChunkPool.ChunkBytes, _pool.UsedBytes);
        Assert.AreEqual(large.Length, Append(window, 0, large).Duplicate, "what it holds needs no room");
        Assert.AreEqual(4096, Append(other, 0, new string('y', 4096)).New);
        Assert.AreEqual(1, Append(other, 4096, "z").Refused);
        window.Release(large.Length);
        Assert.AreEqual(1, Append(other, 4096, "z").New);
    }

    [TestMethod]
    public void A_hostile_mark_for_every_byte_is_bounded_too()
    {
        var window = Window(maxBytes: 1 << 20);
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            refused += Append(window, i, "x", ack: (uint)i).Refused;
        }
        Assert.IsGreaterThan(0, refused);
        Assert.AreEqual(_pool.MaxBytes, _pool.UsedBytes);
        window.Dispose();
        Assert.AreEqual(0, _pool.UsedBytes);
    }

    [TestMethod]
    public void Memory_goes_back_as_soon_as_nothing_is_in_it()
    {
        var window = Window();
        Append(window, 0, new string('x', 10_000), fin: true);
        Assert.AreEqual(4 * ChunkPool.ChunkBytes, _pool.UsedBytes);
        window.Release(4095);
        Assert.AreEqual(4 * ChunkPool.ChunkBytes, _pool.UsedBytes);
        window.Release(4096);
        Assert.AreEqual(3 * ChunkPool.ChunkBytes, _pool.UsedBytes);
        window.Release(10_000);
        Assert.AreEqual(ChunkPool.ChunkBytes, _pool.UsedBytes, "the FIN");
        window.Release(10_001);
        Assert.AreEqual(0, _pool.UsedBytes);
    }

    [TestMethod]
    public void Disposal_gives_everything_back_and_may_be_repeated()
    {
        var window = Window();
        Append(window, 5000, "abc", fin: true);
        Append(window, 0, "abc", ack: 9);
        window.Dispose();
        window.Dispose();
        Assert.AreEqual(0, _pool.UsedBytes);
    }

    [TestMethod]
    public void A_window_without_room_makes_no_sense() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Window(maxBytes: 0));

    private FlowWindow Window(long maxBytes = 1 << 20) => new(_pool, Isn, maxBytes);

    private static AppendResult Append(FlowWindow window, long offset, string text, uint ack = 7, bool fin = false, ulong nowNs = 1) =>
        window.Append(window.SequenceOf(offset), ack, fin, Encoding.ASCII.GetBytes(text), nowNs);

    private static string Read(FlowWindow window, long from)
    {
        var destination = new byte[100];
        Assert.IsTrue(window.TryRead(from, destination, out var piece));
        Assert.AreEqual(from, piece.Offset);
        return $"{Encoding.ASCII.GetString(destination, 0, piece.Length)}@{piece.Ack} t{piece.RecordedNs}";
    }
}
