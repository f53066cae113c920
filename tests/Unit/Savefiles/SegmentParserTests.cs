using System.Text;
using Appliance.Lab.Savefiles;
using Appliance.Packets;
using Appliance.Savefiles;

namespace Appliance.Tests.Unit.Savefiles;

[TestClass]
public sealed class SegmentParserTests
{
    private const string Mac = "02a00000000102b000000010";
    private const string Cooked = "0000" + "0001" + "0006" + "02a000000001" + "0000";
    private const string Cooked2 = "0000" + "00000002" + "0001" + "00" + "06" + "02a0000000010000";

    private static readonly byte[] s_v4 = Packet(v4: true);
    private static readonly byte[] s_v6 = Packet(v4: false);

    public static IEnumerable<object[]> Packets =>
    [
        [LinkType.RawIP, "", s_v4],
        [LinkType.RawIP, "", s_v6],
        [LinkType.IPv4, "", s_v4],
        [LinkType.IPv6, "", s_v6],
        [LinkType.Ethernet, Mac + "0800", s_v4],
        [LinkType.Ethernet, Mac + "86dd", s_v6],
        [LinkType.Ethernet, Mac + "8100" + "0064" + "0800", s_v4],
        [LinkType.Ethernet, Mac + "88a8" + "0064" + "8100" + "0065" + "86dd", s_v6],
        [LinkType.LinuxCooked, Cooked + "0800", s_v4],
        [LinkType.LinuxCooked2, "86dd" + Cooked2, s_v6],
    ];

    [TestMethod]
    [DynamicData(nameof(Packets))]
    public void A_segment_is_found_behind_every_link_layer(LinkType linkType, string link, byte[] ip)
    {
        byte[] packet = [.. Convert.FromHexString(link), .. ip];
        var segment = Parse(linkType, packet)!;
        Assert.AreEqual(ip == s_v4 ? Sample.V4 : Sample.V6, segment.Direction);
        Assert.AreEqual((1001u, 5001u, TcpFlags.Ack | TcpFlags.Psh), (segment.Seq, segment.Ack, segment.Flags));
        Assert.AreEqual("hello", Encoding.ASCII.GetString(segment.Payload));
        Assert.AreEqual("hello", Encoding.ASCII.GetString(Parse(linkType, [.. packet, 0, 0, 0, 0])!.Payload), "padding of short frames is no payload");
    }

    [TestMethod]
    [DynamicData(nameof(Packets))]
    public void What_was_cut_off_counts_in_the_length_alone(LinkType linkType, string link, byte[] ip)
    {
        byte[] packet = [.. Convert.FromHexString(link), .. ip];
        var segment = Parse(linkType, packet.AsSpan(..^2), packet.Length)!;
        Assert.AreEqual("hel", Encoding.ASCII.GetString(segment.Payload));
        Assert.AreEqual(5, segment.Length);
    }

    [TestMethod]
    [DynamicData(nameof(Packets))]
    public void Nothing_goes_wrong_on_any_beginning_and_any_flipped_byte(LinkType linkType, string link, byte[] ip)
    {
        byte[] packet = [.. Convert.FromHexString(link), .. ip];
        for (var i = 0; i < packet.Length; i++)
        {
            Parse(linkType, packet.AsSpan(0, i));
            var flipped = packet.ToArray();
            flipped[i] ^= 0xff;
            Parse(linkType, flipped);
        }
    }

    [TestMethod]
    public void A_length_of_zero_is_a_packet_before_segmentation_offload()
    {
        var packet = s_v4.ToArray();
        packet.AsSpan(2, 2).Clear();
        Assert.AreEqual("hello", Encoding.ASCII.GetString(Parse(LinkType.RawIP, packet)!.Payload));
    }

    [TestMethod]
    public void Fragments_and_other_protocols_hold_none()
    {
        var fragment = s_v4.ToArray();
        fragment[7] = 1;
        Assert.IsNull(Parse(LinkType.RawIP, fragment));
        var udp = s_v6.ToArray();
        udp[6] = 17;
        Assert.IsNull(Parse(LinkType.RawIP, udp));
    }

    [TestMethod]
    public void Extension_headers_are_passed_over()
    {
        byte[] packet = [.. s_v6[..40], 6, 0, 1, 4, 0, 0, 0, 0, .. s_v6[40..]];
        packet[6] = 60;
        packet[5] += 8;
        Assert.AreEqual("hello", Encoding.ASCII.GetString(Parse(LinkType.RawIP, packet)!.Payload));
    }

    private static CapturedSegment? Parse(LinkType linkType, ReadOnlySpan<byte> packet, int? length = null) =>
        SegmentParser.TryParse(linkType, new SavefilePacket(0, length ?? packet.Length, packet), out var segment) ? segment : null;

    private static byte[] Packet(bool v4) => Sample.Read(Sample.File(
        frames => frames.Write(v4 ? Sample.V4 : Sample.V6, Sample.Handshake(), 0, 5001, fin: false, 1, "hello"u8)))[0].Data;
}
