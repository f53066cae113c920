using System.Net;
using System.Net.Sockets;
using Appliance.Net;

namespace Appliance.Tests.Unit.Net;

/// <summary>The bytes of every request, as the kernel's headers lay them out (little-endian hosts; the golden bytes were packed by hand).</summary>
[TestClass]
public sealed class RtMessagesTests
{
    private static readonly IPAddress V4 = IPAddress.Parse("10.1.2.3");
    private static readonly IPAddress V6 = IPAddress.Parse("2001:db8::1");

    private delegate Span<byte> Builder(Span<byte> buffer);

    private static ReadOnlySpan<byte> Mac => [0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee];

    [TestMethod]
    public void Link_requests_match_ifinfomsg()
    {
        AssertBytes("2000000012000103000000000000000000000000000000000000000000000000", RtMessages.DumpLinks);
        AssertBytes(
            "2c00000012000500000000000000000000000000000000000000000000000000" + "0900030065746830" + "00000000",
            static buffer => RtMessages.GetLink(buffer, "eth0"));
        AssertBytes(
            "2000000013000500000000000000000000000000070000000100000001000000",
            static buffer => RtMessages.SetLinkUp(buffer, 7, up: true));
        AssertBytes(
            "2000000013000500000000000000000000000000070000000000000001000000",
            static buffer => RtMessages.SetLinkUp(buffer, 7, up: false));
        AssertBytes(
            "2800000013000500000000000000000000000000070000000000000000000000" + "0800040028230000",
            static buffer => RtMessages.SetLinkMtu(buffer, 7, 9000));
    }

    [TestMethod]
    public void Address_requests_match_ifaddrmsg()
    {
        AssertBytes("180000001600010300000000000000000000000007000000", static buffer => RtMessages.DumpAddresses(buffer, 7));
        AssertBytes(
            "30000000140005060000000000000000" + "0220000007000000" + "080002000a010203" + "080001000a010203" + "0800080000020000",
            static buffer => RtMessages.AddAddress(buffer, 7, V4, 32));
        AssertBytes(
            "48000000140005060000000000000000" + "0a80000007000000" + "1400020020010db8000000000000000000000001"
                + "1400010020010db8000000000000000000000001" + "0800080002020000",
            static buffer => RtMessages.AddAddress(buffer, 7, V6, 128));
        AssertBytes(
            "28000000150005000000000000000000" + "0220000007000000" + "080002000a010203" + "080001000a010203",
            static buffer => RtMessages.RemoveAddress(buffer, 7, V4, 32));
    }

    [TestMethod]
    public void Neighbour_requests_match_ndmsg()
    {
        AssertBytes(
            "300000001c0005050000000000000000" + "020000000700000080000000" + "080001000a010203" + "0a00020002aabbccddee0000",
            static buffer => RtMessages.ReplacePermanentNeighbour(buffer, 7, V4, Mac));
        AssertBytes(
            "300000001d0005000000000000000000" + "0a0000000700000000000000" + "1400010020010db8000000000000000000000001",
            static buffer => RtMessages.RemoveNeighbour(buffer, 7, V6));
        AssertBytes(
            "240000001e0005000000000000000000" + "020000000700000000000000" + "080001000a010203",
            static buffer => RtMessages.GetNeighbour(buffer, 7, V4));
    }

    [TestMethod]
    public void Route_requests_match_rtmsg_and_lock_rto_min()
    {
        AssertBytes(
            "48000000180005050000000000000000" + "020000000004000100000000" + "08000f00e8030000" + "080005000a010201"
                + "0800040007000000" + "14000880" + "0800010000200000" + "08000d0005000000",
            static buffer => RtMessages.ReplaceDefaultRoute(
                buffer, 1000, AddressFamily.InterNetwork, 7, IPAddress.Parse("10.1.2.1"), TimeSpan.FromMilliseconds(5)));
        AssertBytes(
            "40000000180005050000000000000000" + "0a0000000004000100000000" + "08000f0064000000"
                + "14000500fe800000000000000000000000000001" + "0800040007000000",
            static buffer => RtMessages.ReplaceDefaultRoute(
                buffer, 100, AddressFamily.InterNetworkV6, 7, IPAddress.Parse("fe80::1"), rtoMin: null));
        AssertBytes(
            "24000000190005000000000000000000" + "020000000000ff0000000000" + "08000f00e8030000",
            static buffer => RtMessages.RemoveDefaultRoute(buffer, 1000, AddressFamily.InterNetwork));
        AssertBytes(
            "240000001a0005000000000000000000" + "022000000000000000000000" + "080001000a010203",
            static buffer => RtMessages.GetRoute(buffer, V4));
    }

    [TestMethod]
    [DataRow(0.2, (byte)1)]
    [DataRow(4.1, (byte)5)]
    [DataRow(200.0, (byte)200)]
    public void Rto_min_is_rounded_up_to_milliseconds(double milliseconds, byte expected)
    {
        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        var request = RtMessages.ReplaceDefaultRoute(
            buffer, 1, AddressFamily.InterNetwork, 7, V4, TimeSpan.FromMilliseconds(milliseconds));
        Assert.AreEqual(expected, request[^4]);
    }

    [TestMethod]
    public void Rule_requests_match_fib_rule_hdr()
    {
        AssertBytes(
            "34000000200005060000000000000000" + "020020000000000100000000" + "080002000a010203" + "08000600f4010000"
                + "08000f00e8030000",
            static buffer => RtMessages.AddRule(buffer, 500, V4, 32, 1000));
        AssertBytes(
            "40000000210005000000000000000000" + "0a0040000000000100000000" + "1400020020010db8000000000000000000000000"
                + "08000600f4010000" + "08000f0064000000",
            static buffer => RtMessages.RemoveRule(buffer, 500, IPAddress.Parse("2001:db8::"), 64, 100));
    }

    [TestMethod]
    public void A_buffer_that_is_too_small_is_an_argument_error()
    {
        Assert.ThrowsExactly<ArgumentException>(static () => RtMessages.AddAddress(new byte[40], 7, V4, 32).Length);
    }

    private static void AssertBytes(string expectedHex, Builder builder)
    {
        Span<byte> buffer = stackalloc byte[RtMessages.BufferLength];
        buffer.Fill(0xa5); // old contents must not shine through
        Assert.AreEqual(expectedHex, Convert.ToHexStringLower(builder(buffer)), StringComparer.Ordinal);
    }
}
