using System.Globalization;
using System.Net;
using System.Text;
using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording.Store;

namespace Appliance.Tests.Unit.Recording.Store;

/// <summary>Keys and bytes as docs/recordings.md shows them. They outlive the program: a change needs a new version number.</summary>
[TestClass]
public sealed class LayoutTests
{
    private const string Header =
        "41504c46" + "01" + "000000" + "0000000012345678" + "00000002" + "1a2b3c4d"
        + "00000000000000000000ffff0a000102" + "00000000000000000000ffff0a000264" + "9c40" + "0050"
        + "5e6f7081" + "0000000000abcdef" + "0000002a" + "0183" + "05b4" + "07" + "08" + "0000" + "a2e7965a";

    private const string Control = "41504c43" + "01" + "ff" + "03" + "00" + "0000000000001388" + "000000000000002a" + "0000000000000007" + "76b9bf86";

    private const string Mark = "81000003" + "000003e8" + "0000000000010000" + "63a381dc";

    private static readonly FlowId s_flow = new(new FlowKey(IPEndPoint.Parse("10.0.1.2:40000"), IPEndPoint.Parse("10.0.2.100:80")), 0x1a2b3c4d);

    private static readonly Handshake s_handshake = new()
    {
        ClientIsn = 0x1a2b3c4d,
        ServerIsn = 0x5e6f7081,
        SynackNs = 0xabcdef,
        SynackTsval = 42,
        Flags = HandshakeFlags.Syn | HandshakeFlags.SynAck | HandshakeFlags.ServerSack | HandshakeFlags.ServerTimestamp,
        ClientMss = 1460,
        ClientWscale = 7,
        ServerWscale = 8,
    };

    [TestMethod]
    public void A_header()
    {
        var bytes = new FlowHeader(s_flow, 0x12345678, 2, s_handshake).ToBytes();
        Assert.AreEqual(Header, Convert.ToHexStringLower(bytes));
        Assert.IsNull(FlowHeader.TryRead(bytes, s_flow, out var header));
        Assert.AreEqual(new FlowHeader(s_flow, 0x12345678, 2, s_handshake), header);
    }

    [TestMethod]
    public void A_control_record()
    {
        var record = new ControlRecord(7, new SavedControl(5000, 42, -1, 3));
        Assert.AreEqual(Control, Convert.ToHexStringLower(record.ToBytes()));
        Assert.IsNull(ControlRecord.TryRead(record.ToBytes(), out var read));
        Assert.AreEqual(record, read);
    }

    [TestMethod]
    public void A_mark()
    {
        var bytes = new byte[PieceMark.Size];
        var mark = new PieceMark(65536, 3, 1000, Fin: true);
        mark.Write(bytes, "abc"u8);
        Assert.AreEqual(Mark, Convert.ToHexStringLower(bytes));
        Assert.IsTrue(PieceMark.TryRead(bytes, out var read));
        Assert.AreEqual(mark, read);
        Assert.IsTrue(PieceMark.TryBytes(bytes, read, "xxabcx"u8, 65534, out var piece));
        Assert.AreEqual("abc", Encoding.ASCII.GetString(piece));
        Assert.IsFalse(PieceMark.TryBytes(bytes, read, "xxabdx"u8, 65534, out _), "other bytes");
        Assert.IsFalse(PieceMark.TryBytes(bytes, read, "xxab"u8, 65534, out _), "too few bytes");
        Assert.IsFalse(PieceMark.TryBytes(bytes, read, "abc"u8, 65537, out _), "another segment");
        Assert.IsFalse(PieceMark.TryRead(new byte[PieceMark.Size], out _), "room for a mark");
    }

    [TestMethod]
    public void Names_of_keys()
    {
        var keys = new StoreKeys("east");
        var name = s_flow.ToString();
        CollectionAssert.AreEqual(
            new[]
            {
                "east:{10.0.1.2:40000-10.0.2.100:80-1a2b3c4d}:h", "east:{10.0.1.2:40000-10.0.2.100:80-1a2b3c4d}:l:2",
                "east:{10.0.1.2:40000-10.0.2.100:80-1a2b3c4d}:d:131072", "east:{10.0.1.2:40000-10.0.2.100:80-1a2b3c4d}:m:131072",
                "east:control:1", "east:flows:0b", "east:alive", "east:probe",
            },
            new[] { keys.Header(name), keys.Page(name, 2), keys.Data(name, 131072), keys.Marks(name, 131072), keys.Control(3), keys.Index(11), keys.Alive, keys.Probe });
        Assert.AreEqual(0x33, StoreKeys.ShardOf(name));
    }

    [TestMethod]
    public void The_checksum_is_CRC_32C() => Assert.AreEqual(0xe3069283, Crc32C.Of("1234"u8, "56789"u8));

    [TestMethod]
    [DataRow("10.0.1.2:40000-10.0.2.100:80-1a2b3c4d", true)]
    [DataRow("[fd00:1::2]:40000-[fd00:2::100]:80-00000000", true)]
    [DataRow("10.0.1.2:40000-10.0.2.100:80-1A2B3C4D", false)]
    [DataRow("10.0.1.2:40000-10.0.2.100:80-1a2b3c4", false)]
    [DataRow("10.0.1.2:40000-10.0.2.100:80", false)]
    [DataRow("10.0.1.2-10.0.2.100:80-1a2b3c4d", false)]
    [DataRow("10.0.1:40000-10.0.2.100:80-1a2b3c4d", false)]
    [DataRow("", false)]
    [DataRow("--", false)]
    public void A_name_is_read_as_it_is_written(string name, bool good)
    {
        Assert.AreEqual(good, FlowId.TryParse(name, out var id));
        Assert.IsTrue(!good || id.ToString() == name);
    }

    [TestMethod]
    public void A_header_is_believed_whole_or_not_at_all()
    {
        var good = Convert.FromHexString(Header);
        for (var at = 0; at < good.Length; at++)
        {
            var bad = good.ToArray();
            bad[at] ^= 0x10;
            Assert.IsNotNull(FlowHeader.TryRead(bad, s_flow, out _), at.ToString(CultureInfo.InvariantCulture));
            Assert.IsNotNull(FlowHeader.TryRead(good.AsSpan(0, at), s_flow, out _));
        }
        Assert.IsNotNull(FlowHeader.TryRead(good, s_flow with { ClientIsn = 1 }, out _), "another connection's");
        good[4] = 2;
        Assert.AreEqual("has version 2, this gateway reads version 1: delete the key, or run the gateway that wrote it", FlowHeader.TryRead(good, s_flow, out _));
    }

    [TestMethod]
    public void A_control_record_is_believed_whole_or_not_at_all()
    {
        var good = Convert.FromHexString(Control);
        for (var at = 0; at < good.Length; at++)
        {
            var bad = good.ToArray();
            bad[at] ^= 0x10;
            Assert.IsNotNull(ControlRecord.TryRead(bad, out _));
            Assert.IsNotNull(ControlRecord.TryRead(good.AsSpan(0, at), out _));
        }
    }
}
