using Appliance.Packets;
using Appliance.Tests.Support;
using static Appliance.Tests.Support.TcpOption;

namespace Appliance.Tests.Unit.Packets;

[TestClass]
public sealed class TcpOptionsTests
{
    private static readonly byte[] Padding = [.. Enumerable.Repeat<byte>(1, 10)];

    public static IEnumerable<object[]> Erasable =>
    [
        ["as Linux sends them", new[] { Nop, Nop, Timestamps(1, 2) }, new[] { Nop, Nop, Padding }],
        ["first of many", new[] { Timestamps(1, 2), Mss(1460), SackPermitted, WindowScale(7), Nop }, new[] { Padding, Mss(1460), SackPermitted, WindowScale(7), Nop }],
        ["last of many", new[] { Mss(1460), WindowScale(7), Nop, SackPermitted, Timestamps(1, 2), Nop, Nop }, new[] { Mss(1460), WindowScale(7), Nop, SackPermitted, Padding, Nop, Nop }],
        ["behind an unknown option", new[] { Raw(254, 6, 8, 10, 8, 10), Timestamps(1, 2) }, new[] { Raw(254, 6, 8, 10, 8, 10), Padding }],
        ["before the end of the list", new[] { Timestamps(1, 2), End, Raw(8, 10) }, new[] { Padding, End, Raw(8, 10) }],
    ];

    public static IEnumerable<object[]> Refused =>
    [
        ["none", Array.Empty<byte[]>()],
        ["others", new[] { Mss(1460), SackPermitted, Nop, Nop }],
        ["behind the end of the list", new[] { Nop, End, Timestamps(1, 2) }],
        ["behind a length of 0", new[] { Raw(254, 0), Timestamps(1, 2) }],
        ["behind a length of 1", new[] { Raw(254, 1), Timestamps(1, 2) }],
        ["behind a length of 255", new[] { Raw(254, 255), Timestamps(1, 2) }],
        ["a length of 0", new[] { Raw(8, 0, 0, 0) }],
        ["a length of 1", new[] { Raw(8, 1, 0, 0) }],
        ["a length beyond the header", new[] { Raw(8, 10, 0, 0) }],
        ["a length of 255", new[] { Raw(8, 255, 0, 0) }],
        ["a kind without a length", new[] { Nop, Nop, Nop, Raw(8) }],
    ];

    [TestMethod]
    [DynamicData(nameof(Erasable))]
    public void Timestamps_become_padding(string name, byte[][] options, byte[][] expected)
    {
        var tcp = Segment(options);
        Assert.IsTrue(TcpOptions.TryEraseTimestamps(tcp), name);
        Assert.AreEqual(Options(Segment(expected)), Options(tcp));
        CollectionAssert.AreEqual(Segment(options)[..20], tcp[..20], "the header is left alone");
        CollectionAssert.AreEqual(Segment(options)[^30..], tcp[^30..], "so is the payload");
    }

    [TestMethod]
    [DynamicData(nameof(Refused))]
    public void What_holds_none_or_lies_is_left_alone(string name, byte[][] options)
    {
        var tcp = Segment(options);
        Assert.IsFalse(TcpOptions.TryEraseTimestamps(tcp), name);
        CollectionAssert.AreEqual(Segment(options), tcp);
    }

    [TestMethod]
    public void A_header_may_end_anywhere()
    {
        byte[][] options = [Mss(1460), Nop, Nop, Timestamps(1, 2)];
        var whole = Segment(options);
        var header = whole.Length - 30;
        for (var length = 0; length <= whole.Length; length++)
        {
            var cut = whole[..length];
            Assert.AreEqual(length >= header, TcpOptions.TryEraseTimestamps(cut), $"{length} bytes");
            if (length < header)
            {
                CollectionAssert.AreEqual(whole[..length], cut, $"{length} bytes");
            }
        }
    }

    [TestMethod]
    public void A_data_offset_may_lie()
    {
        for (var words = 0; words < 16; words++)
        {
            var tcp = Segment([Nop, Nop, Timestamps(1, 2)]);
            tcp[12] = (byte)(words << 4);
            Assert.AreEqual(words >= 8, TcpOptions.TryEraseTimestamps(tcp), $"{words} words");
        }
    }

    private static byte[] Segment(byte[][] options)
    {
        var packet = Ends.V4.FromClient().Seq(1).Ack(2).Options(options).Payload(30);
        var tcp = packet.ToBytes()[packet.TransportOffset..];
        (tcp[16], tcp[17]) = (0, 0); // the checksum is not this function's affair
        return tcp;
    }

    private static string Options(byte[] tcp) => Convert.ToHexStringLower(tcp.AsSpan(20, ((tcp[12] >> 4) * 4) - 20));
}
