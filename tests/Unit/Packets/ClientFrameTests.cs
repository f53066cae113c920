using Appliance.Net;
using Appliance.Packets;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Packets;

/// <summary>Frames byte for byte, made by another program. Transport checksums are the TAP's affair and zero.</summary>
[TestClass]
public sealed class ClientFrameTests
{
    private const string V4 = "02b00000001002000000000108004500";
    private const string V6 = "02b00000001002000000000186dd60000000";
    private const string Client4 = "0a000102";
    private const string Service4 = "0a000264";
    private const string Client6 = "fd000001000000000000000000000002";
    private const string Service6 = "fd000002000000000000000000000100";
    private const string Ack = "9c401538000003e9000013895010020000000000";
    private const string Quoted = "15389c4000001389000000005010000000000000";

    public static IEnumerable<object[]> Segments =>
    [
        [Ends.V4, V4 + "0028" + "00004000" + "4006" + "236b" + Client4 + Service4 + Ack, 34],
        [Ends.V6, V6 + "0014" + "0640" + Client6 + Service6 + Ack, 54],
    ];

    public static IEnumerable<object[]> Unreachables =>
    [
        [
            Ends.V4,
            V4 + "0044" + "00004000" + "4001" + "2354" + Client4 + Service4 + "0301000000000000" +
            "45000028" + "00004000" + "4006" + "236b" + Service4 + Client4 + Quoted,
        ],
        [
            Ends.V6,
            V6 + "0044" + "3a40" + Client6 + Service6 + "0100000000000000" + "60000000" + "0014" + "0640" + Service6 + Client6 + Quoted,
        ],
    ];

    /// <summary>Number 0x51234, of which 0x1234 travels; the marks are the reserved flag and the label's first digit.</summary>
    public static IEnumerable<object[]> Datagrams =>
    [
        [Ends.V4, V4 + "0020" + "1234c000" + "4011" + "9133" + Client4 + Service4 + "9c401538000cffff" + "01020304"],
        [Ends.V6, V6[..^7] + "0051234" + "000c" + "1140" + Client6 + Service6 + "9c401538000cffff" + "01020304"],
    ];

    [TestMethod]
    [DynamicData(nameof(Segments))]
    internal void A_segment_is_these_bytes(Ends ends, string expected, int transport)
    {
        var frame = Dirty();
        var length = ClientFrame.WriteSegment(frame, ends.Key, Scene.Node0, 1001, 5001, TcpFlags.Ack, 512);
        Assert.AreEqual(expected, Convert.ToHexStringLower(frame.AsSpan(0, length)));
        Assert.AreEqual(transport, ClientFrame.TransportOffset(ends.Key));
    }

    [TestMethod]
    [DynamicData(nameof(Unreachables))]
    internal void An_unreachable_quotes_the_nodes_own_segment(Ends ends, string expected)
    {
        var frame = Dirty();
        var length = ClientFrame.WriteUnreachable(frame, ends.Key, Scene.Node0, 5001);
        Assert.AreEqual(expected, Convert.ToHexStringLower(frame.AsSpan(0, length)));
    }

    [TestMethod]
    [DynamicData(nameof(Datagrams))]
    internal void A_datagram_is_these_bytes_and_carries_its_number(Ends ends, string expected)
    {
        var frame = Dirty();
        var length = ClientFrame.WriteDatagram(frame, ends.Key, Scene.Node0, 0x51234, [1, 2, 3, 4]);
        Assert.AreEqual(expected, Convert.ToHexStringLower(frame.AsSpan(0, length)));
        Assert.AreEqual(length, ClientFrame.DatagramLength(ends.Key, 4));
    }

    [TestMethod]
    public void A_datagram_may_be_empty_or_fill_its_frame()
    {
        foreach (var ends in Ends.Both)
        {
            foreach (var payload in new[] { 0, ends.IsV6 ? 65_527 : 65_507 })
            {
                var frame = new byte[ClientFrame.DatagramLength(ends.Key, payload)];
                Assert.AreEqual(frame.Length, ClientFrame.WriteDatagram(frame, ends.Key, Scene.Node0, 7, new byte[payload]));
            }
        }
    }

    [TestMethod]
    public void IPv4_headers_have_right_checksums()
    {
        var frame = Dirty();
        ClientFrame.WriteUnreachable(frame, Ends.V4.Key, Scene.Node0, uint.MaxValue);
        Assert.AreEqual(0, InternetChecksum.Compute(frame.AsSpan(14, 20)));
        Assert.AreEqual(0, InternetChecksum.Compute(frame.AsSpan(42, 20)), "the quoted one, too");
    }

    [TestMethod]
    public void The_longest_frame_fits_exactly()
    {
        var frame = new byte[ClientFrame.MaxLength];
        Assert.AreEqual(ClientFrame.MaxLength, ClientFrame.WriteUnreachable(frame, Ends.V6.Key, Scene.Node0, 1));
    }

    /// <summary>Nothing may shine through from the buffer's past.</summary>
    private static byte[] Dirty() => [.. Enumerable.Repeat<byte>(0xee, ClientFrame.MaxLength)];
}
