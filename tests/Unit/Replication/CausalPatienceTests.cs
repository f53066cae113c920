using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Appliance.Bpf.Layout;
using Appliance.Node;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Replication;

/// <summary>Who is only slow is waited for; who has answered something shorter is not, and his client's next request is executed.</summary>
[TestClass]
public sealed class CausalPatienceTests
{
    private const uint ClientIsn = 1000;
    private const uint Sequence = 2000;
    private const ulong ComesNs = 50;

    private static readonly Replica s_replica = new() { ClientIsn = ClientIsn, Received = Sequence, Sent = 5000 };

    [TestMethod]
    [DataRow(":100\r\n", 5001u, ":99\r\n", true, DisplayName = "a shorter number")]
    [DataRow(":100\r\n", 5001u, "x\r\n", true, DisplayName = "something else at the end")]
    [DataRow("\r\n", 5001u, ":99\r\n", true, DisplayName = "one byte lies side by side")]
    [DataRow(":100\r\n", 5001u, ":100\r", false, DisplayName = "all but the last byte")]
    [DataRow(":100\r\n", 5003u, ":10", false, DisplayName = "a beginning")]
    [DataRow(":100\r\n", 5006u, ":99\r\n", false, DisplayName = "the answer before")]
    [DataRow(":100\r\n", 5100u, ":99\r\n", false, DisplayName = "one from long ago")]
    [DataRow(":100\r\n", 5000u, ":100\r\n", false, DisplayName = "the same")]
    [DataRow(":100\r\n", 4999u, ":100\r\nx", false, DisplayName = "the same, and more")]
    [DataRow(":101\r\n", 4999u, ":100\r\nx", true, DisplayName = "another, and more")]
    [DataRow("", 0u, ":100\r\n", false, DisplayName = "nothing is known of the original")]
    [DataRow(":100\r\n", 5001u, "", false, DisplayName = "nothing was said")]
    public void What_lies_side_by_side_tells(string told, uint toldEnd, string own, bool isKnown)
    {
        var segment = Segment(told, toldEnd);
        var digest = Own(own, 5000);
        Assert.AreEqual(isKnown, CausalPatience.IsOver(segment, s_replica, digest, 0, ComesNs + CausalPatience.KnownNs + 1));
        Assert.IsFalse(CausalPatience.IsOver(segment, s_replica, digest, 0, ComesNs + CausalPatience.KnownNs));
        Assert.IsTrue(CausalPatience.IsOver(segment, s_replica, digest, 0, ComesNs + CausalPatience.LongestNs + 1));
    }

    [TestMethod]
    public void Numbers_go_on_beyond_zero()
    {
        var segment = Segment(":100\r\n", 2);
        Assert.IsTrue(segment.IsContradicted(Own(":99\r\n", 1).Own));
        Assert.IsFalse(segment.IsContradicted(Own(":1", 0xffff_fffe).Own));
        Assert.IsTrue(segment.IsContradicted(Own(":2", 0xffff_fffe).Own));
    }

    [TestMethod]
    public void What_is_not_compared_says_nothing()
    {
        var segment = Segment(":100\r\n", 5001);
        var digest = Own(":99\r\n", 5000);
        Assert.IsTrue(CausalPatience.IsOver(segment, s_replica, digest, 0, ComesNs + CausalPatience.KnownNs + 1));
        digest.Own.Next = 6024;
        Assert.IsFalse(CausalPatience.IsOver(segment, s_replica, digest, 0, ComesNs + CausalPatience.LongestNs), "a greeting");
        digest.Own.Next = 5000;
        digest.ClientIsn++;
        Assert.IsFalse(CausalPatience.IsOver(segment, s_replica, digest, 0, ComesNs + CausalPatience.LongestNs), "another connection's");
    }

    [TestMethod]
    public void Who_is_short_already_is_not_waited_for_long() =>
        Assert.IsTrue(CausalPatience.IsOver(Segment("", 0), s_replica with { ShortBy = 1 }, default, 0, ComesNs + CausalPatience.KnownNs + 1));

    [TestMethod]
    public void Who_is_known_to_differ_is_not_waited_for_long() =>
        Assert.IsTrue(CausalPatience.IsOver(Segment("", 0), s_replica with { Flags = ReplicaFlags.Differs }, default, 0, ComesNs + CausalPatience.KnownNs + 1));

    [TestMethod]
    public void Who_lacks_something_cannot_answer()
    {
        Assert.IsTrue(CausalPatience.IsOwed(Segment("", 0), s_replica));
        Assert.IsFalse(CausalPatience.IsOwed(Segment("", 0), s_replica with { Received = Sequence - 1 }));
        Assert.IsFalse(CausalPatience.IsOver(Segment(":100\r\n", 5001), s_replica with { Received = Sequence - 1, ShortBy = 1 }, Own(":99\r\n", 5000), 0, ulong.MaxValue));
    }

    [TestMethod]
    public void Time_counts_from_what_was_said_last()
    {
        const ulong SaysNs = 7_000_000_000;
        Assert.IsFalse(CausalPatience.IsOver(Segment("", 0), s_replica, default, SaysNs, SaysNs + CausalPatience.LongestNs));
        Assert.IsTrue(CausalPatience.IsOver(Segment("", 0), s_replica, default, SaysNs, SaysNs + CausalPatience.LongestNs + 1));
    }

    private static Digest Own(string text, uint end)
    {
        var digest = new Digest { ClientIsn = ClientIsn, Own = new Digest.Side { Next = end, LastEnd = end, LastLength = (ushort)text.Length } };
        Encoding.ASCII.GetBytes(text, digest.Own.Last);
        return digest;
    }

    private static HeldSegment Segment(string told, uint toldEnd)
    {
        const int L4 = 34;
        Span<byte> record = stackalloc byte[Report.FrameOffset];
        record.Clear();
        var words = MemoryMarshal.Cast<byte, uint>(record);
        var text = Report.FrameOffset - Digest.LastBytes;
        (words[0], words[2], words[3]) = ((uint)ReportKind.HeldCausal, L4, L4 + 20);
        (words[(text / 4) - 2], words[(text / 4) - 1]) = (toldEnd, (uint)told.Length);
        Encoding.ASCII.GetBytes(told, record[text..]);
        Span<byte> frame = stackalloc byte[L4 + 20];
        frame.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(frame[(L4 + 4)..], Sequence);
        return new HeldSegment(MemoryMarshal.Read<Report>(record), frame, ComesNs);
    }
}
