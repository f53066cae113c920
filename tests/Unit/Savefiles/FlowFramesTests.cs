using Appliance.Bpf.Layout;
using Appliance.Lab.Savefiles;
using Appliance.Packets;
using Appliance.Savefiles;

namespace Appliance.Tests.Unit.Savefiles;

[TestClass]
public sealed class FlowFramesTests
{
    private const ulong Second = 1_000_000_000;

    [TestMethod]
    public void A_small_flow_is_these_bytes()
    {
        var file = Sample.File(frames =>
        {
            frames.WriteHandshake(Sample.V4, Sample.Handshake(Sample.AllOptions));
            frames.Write(Sample.V4, Sample.Handshake(Sample.AllOptions), 0, 5001, fin: true, (2 * Second) + 5_000_007, "hi"u8);
        });

        // magic of nanoseconds, version 2.4, zone, accuracy, 262,144 bytes, LINKTYPE_RAW
        var expected = "4d3cb2a10200040000000000000000000000040065000000"
            // each: seconds, nanoseconds, captured length, length; IPv4; TCP; options
            + "8185746700000000" + "3c0000003c000000" + "4500003c0000400040062357" + "0a0001020a000264"
            + "9c401538" + "000003e8" + "00000000" + "a002ffff" + "8b3e0000" + "020405b40402030307080a000003e800000000" + "01"
            + "8185746700000000" + "3c0000003c000000" + "4500003c0000400040062357" + "0a0002640a000102"
            + "15389c40" + "00001388" + "000003e9" + "a012ffff" + "28a50000" + "020405b40402030309080a0000004d000003e8" + "01"
            + "8185746700000000" + "3400000034000000" + "45000034000040004006235f" + "0a0001020a000264"
            + "9c401538" + "000003e9" + "00001389" + "8010ffff" + "92380000" + "080a000003e80000004d" + "0101"
            + "82857467474b4c00" + "3600000036000000" + "45000036000040004006235d" + "0a0001020a000264"
            + "9c401538" + "000003e9" + "00001389" + "8019ffff" + "21ea0000" + "080a000007d50000043a" + "0101" + "6869";
        Assert.AreEqual(expected, Convert.ToHexStringLower(file));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void What_is_written_is_read_again_as_the_same_stream(bool v4)
    {
        var flow = v4 ? Sample.V4 : Sample.V6;
        var bytes = new byte[100_000];
        new Random(1).NextBytes(bytes);
        var handshake = Sample.Handshake(Sample.AllOptions, clientIsn: 0xffff_ff00);

        var stream = Single(Sample.File(frames =>
        {
            frames.WriteHandshake(flow, handshake);
            frames.Write(flow, handshake, 0, 5001, fin: false, 2 * Second, bytes.AsSpan(0, 60_000));
            frames.Write(flow, handshake, 60_000, 5101, fin: true, 3 * Second, bytes.AsSpan(60_000));
        }));

        Assert.AreEqual(flow, stream.Flow);
        Assert.IsTrue(stream.HasBeginning);
        CollectionAssert.AreEqual(bytes, stream.Pieces.SelectMany(p => p.Bytes.ToArray()).ToArray());
        Assert.AreEqual(Sample.Clock.ToUnixNs(Second), stream.StartNs);
        Assert.AreEqual(new StreamEnd(100_000, IsReset: false, 100, Sample.Clock.ToUnixNs(3 * Second)), stream.End);
        Assert.IsTrue(stream.Pieces.All(p => p.After == (p.Offset < 60_000 ? 0 : 100)));
        Assert.AreEqual(100, stream.Acknowledged);
    }

    [TestMethod]
    [DataRow(Sample.NoOptions, (ushort)1460, 1460)]
    [DataRow(Sample.AllOptions, (ushort)1460, 1448)]
    [DataRow(Sample.NoOptions, (ushort)0, 536)]
    [DataRow(Sample.NoOptions, (ushort)1, 48)]
    [DataRow(Sample.NoOptions, (ushort)65_535, 65_455)]
    public void Pieces_are_cut_at_the_mss_and_the_last_cut_is_pushed(HandshakeFlags flags, ushort mss, int expected)
    {
        var handshake = Sample.Handshake(flags, mss: mss);
        var file = Sample.File(frames => frames.Write(Sample.V6, handshake, 0, 5001, fin: true, Second, new byte[expected + 1]));
        var segments = Segments(file);
        Assert.AreSequenceEqual([expected, 1], segments.Select(s => s.Length));
        Assert.AreSequenceEqual([TcpFlags.Ack, TcpFlags.Ack | TcpFlags.Psh | TcpFlags.Fin], segments.Select(s => s.Flags));
    }

    [TestMethod]
    public void A_recording_that_begins_later_has_its_numbers_and_no_handshake()
    {
        var file = Sample.File(frames => frames.Write(Sample.V4, Sample.Handshake(), (1L << 32) + 10, 6000, fin: false, Second, "x"u8));
        var segment = Segments(file).Single();
        Assert.AreEqual(1011u, segment.Seq);
        Assert.AreEqual(6000u, segment.Ack);
        Assert.IsFalse(Single(file).HasBeginning);
    }

    [TestMethod]
    public void A_fin_alone_is_one_packet()
    {
        var file = Sample.File(frames => frames.Write(Sample.V4, Sample.Handshake(), 5, 5001, fin: true, Second, default));
        var segment = Segments(file).Single();
        Assert.AreEqual(TcpFlags.Ack | TcpFlags.Fin, segment.Flags);
        Assert.AreEqual(1006u, segment.Seq);
    }

    [TestMethod]
    public void A_handshake_that_nobody_saw_is_not_made_up() =>
        Assert.IsEmpty(Sample.Read(Sample.File(frames => frames.WriteHandshake(Sample.V4, Sample.Handshake(HandshakeFlags.Syn)))));

    [TestMethod]
    public void Options_are_those_that_were_offered()
    {
        const HandshakeFlags Flags = Sample.NoOptions | HandshakeFlags.ClientTimestamp | HandshakeFlags.ServerSack | HandshakeFlags.ClientEcn;
        var packets = Sample.Read(Sample.File(frames => frames.WriteHandshake(Sample.V4, Sample.Handshake(Flags)))).ConvertAll(p => p.Data);
        Assert.AreEqual("020405b4" + "080a000003e800000000" + "0101", Convert.ToHexStringLower(packets[0].AsSpan(40)));
        Assert.AreEqual(TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr, (TcpFlags)packets[0][33]);
        Assert.AreEqual("020405b4" + "0402" + "0101", Convert.ToHexStringLower(packets[1].AsSpan(40)));
        Assert.HasCount(40, packets[2], "timestamps that only one side offers are not agreed");
    }

    private static RecordedStream Single(byte[] file) => SavefileStreams.Assemble(Segments(file)).Single();

    private static List<CapturedSegment> Segments(byte[] file)
    {
        using var reader = new SavefileReader(new MemoryStream(file), "sample");
        var segments = new List<CapturedSegment>();
        while (reader.TryRead(out var packet))
        {
            Assert.IsTrue(SegmentParser.TryParse(reader.LinkType, packet, out var segment));
            segments.Add(segment);
        }

        return segments;
    }
}
