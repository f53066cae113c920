using Appliance.Bpf.Layout;
using Appliance.RepairChannel;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.RepairChannel;

/// <summary>Version 1 on the wire. A change of these bytes is a change of the protocol.</summary>
[TestClass]
public sealed class FrameEntryTests
{
    private const string Key = "00000000000000000000ffff0a000102" + "00000000000000000000ffff0a000264" + "9c40" + "1538";
    private const uint Isn = 0x01020304;

    private static readonly FlowKey Flow = Ends.V4.Key;

    [TestMethod]
    public void Progress_is_these_bytes() => IsGolden(
        new ProgressEntry(Flow, Isn, 0x11121314, 0x21222324, 0x31323334, ProgressFlags.Confirmed | ProgressFlags.Refused),
        Key + "01020304" + "11121314" + "21222324" + "31323334" + "09" + "000000");

    [TestMethod]
    public void The_end_of_a_replica_is_these_bytes() => IsGolden(
        new ProgressEntry(Flow, Isn, 0x11121314, 0x21222324, 0x31323334, ProgressFlags.Over | ProgressFlags.Ended),
        Key + "01020304" + "11121314" + "21222324" + "31323334" + "22" + "000000");

    [TestMethod]
    public void ScanDone_is_these_bytes() => IsGolden(
        new ScanDoneEntry(0x0102030405060708, 0x1112131415161718),
        "0102030405060708" + "1112131415161718");

    [TestMethod]
    public void Need_is_these_bytes() => IsGolden(
        new NeedEntry(Flow, Isn, 0x11121314, 0x21222324),
        Key + "01020304" + "11121314" + "21222324");

    [TestMethod]
    public void Lost_is_these_bytes() => IsGolden(new LostEntry(Flow, Isn), Key + "01020304");

    [TestMethod]
    public void End_is_these_bytes() => IsGolden(new EndEntry(Flow, Isn), Key + "01020304");

    [TestMethod]
    public void Voice_is_these_bytes()
    {
        IsGolden(new VoiceEntry(Flow, Isn, VoiceOrder.Hot), Key + "01020304" + "00000001");
        IsGolden(new VoiceEntry(Flow, Isn, VoiceOrder.Silent), Key + "01020304" + "00000000");
    }

    [TestMethod]
    public void Datagram_standing_is_these_bytes()
    {
        IsGolden(new DatagramStandingEntry(Flow, Differs: true), Key + "01" + "000000");
        IsGolden(new DatagramStandingEntry(Flow, Differs: false), Key + "00" + "000000");
    }

    [TestMethod]
    public void Gone_is_these_bytes() => IsGolden(new GoneEntry(Flow, Isn, 0x11121314), Key + "01020304" + "11121314");

    [TestMethod]
    public void Position_is_these_bytes() => IsGolden(
        new PositionEntry(Flow, Isn, 0x11121314, 0x21222324, 0x31323334, 0x41424344, 0x5152),
        Key + "01020304" + "11121314" + "21222324" + "31323334" + "41424344" + "5152" + "0000");

    [TestMethod]
    public void Bytes_begin_with_these_bytes() => IsGolden(
        new BytesHeader(Flow, Isn, 0x11121314, 0x21222324, BytesFlags.Fin | BytesFlags.Last),
        Key + "01020304" + "11121314" + "21222324" + "03" + "000000");

    [TestMethod]
    public void Datagram_begins_with_these_bytes() => IsGolden(new DatagramHeader(Flow, 0x11121314), Key + "11121314");

    [TestMethod]
    public void Flow_is_these_bytes() => IsGolden(
        new FlowEntry(Flow, 0x0102030405060708, Isn, 0x11121314, 0x21222324, (HandshakeFlags)0x3132, 0x4142, 0x51, 0x52, 0x6162, 0x71727374, 0x81828384, 0x91929394, 0xa1a2a3a4),
        Key + "0102030405060708" + "01020304" + "11121314" + "21222324" + "3132" + "4142" + "51" + "52" + "6162" + "71727374" + "81828384" + "91929394" + "a1a2a3a4");

    [TestMethod]
    public void DatagramProgress_is_these_bytes()
    {
        var bitmap = default(DatagramBitmap);
        foreach (var bit in new[] { 0, 1, 63, 64, 1023 })
        {
            bitmap.Set(bit);
        }
        IsGolden(
            new DatagramProgressEntry(Flow, 5, bitmap),
            Key + "00000005" + "8000000000000003" + "0000000000000001" + string.Concat(Enumerable.Repeat("0000000000000000", 13)) + "8000000000000000");
    }

    [TestMethod]
    public void A_bitmap_tells_which_numbers_have_come_also_around_zero()
    {
        var bitmap = default(DatagramBitmap);
        bitmap.Set(0);
        bitmap.Set(7);
        bitmap.Set(1023);
        var progress = new DatagramProgressEntry(Flow, 5, bitmap);
        Assert.IsTrue(progress.HasReceived(5));
        Assert.IsTrue(progress.HasReceived(uint.MaxValue - 1));
        Assert.IsTrue(progress.HasReceived(unchecked(5u - 1023)));
        Assert.IsFalse(progress.HasReceived(4));
        Assert.IsFalse(progress.HasReceived(6));
        Assert.IsFalse(progress.HasReceived(unchecked(5u - 1024)));
    }

    [TestMethod]
    public void A_handshake_comes_back_in_terms_of_the_other_clock()
    {
        var handshake = new Handshake
        {
            SynackNs = 10_000,
            ClientIsn = 1,
            ServerIsn = 2,
            SynackTsval = 3,
            Flags = HandshakeFlags.Syn | HandshakeFlags.SynAck,
            ClientMss = 1460,
            ClientWscale = 7,
            ServerWscale = 8,
        };
        var entry = FlowEntry.From(Flow, handshake, nowNs: 10_500) with { ClientNext = 9 };
        Assert.AreEqual((Flow, 500UL, 9U), (entry.Flow, entry.SynackAgeNs, entry.ClientNext));
        Assert.AreEqual(handshake, entry.ToHandshake(10_500));
        Assert.AreEqual(handshake with { SynackNs = unchecked(100UL - 500) }, entry.ToHandshake(100), "a host that started later");
    }

    [TestMethod]
    public void A_list_gives_its_entries_in_order()
    {
        var body = new byte[3 * GoneEntry.Length];
        for (var i = 0; i < 3; i++)
        {
            new GoneEntry(Flow, Isn, (uint)i).Write(body.AsSpan(i * GoneEntry.Length));
        }
        var entries = new FrameEntries<GoneEntry>(body);
        Assert.AreEqual(3, entries.Count);
        var expected = 0U;
        foreach (var entry in entries)
        {
            Assert.AreEqual(new GoneEntry(Flow, Isn, expected++), entry);
        }
        Assert.AreEqual(3U, expected);
    }

    private static void IsGolden<T>(T entry, string golden)
        where T : struct, IFrameEntry<T>
    {
        Assert.AreEqual(golden.Length / 2, T.Size);
        var bytes = new byte[T.Size + 1];
        bytes.AsSpan().Fill(0xee);
        entry.Write(bytes);
        Assert.AreEqual(golden + "ee", Convert.ToHexStringLower(bytes));
        Assert.AreEqual(entry, T.Read(bytes));
    }
}
