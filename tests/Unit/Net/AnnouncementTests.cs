using System.Net;
using Appliance.Net;

namespace Appliance.Tests.Unit.Net;

[TestClass]
public sealed class AnnouncementTests
{
    private static readonly IPAddress V4 = IPAddress.Parse("10.1.2.3");
    private static readonly IPAddress V6 = IPAddress.Parse("2001:db8::10");

    private static ReadOnlySpan<byte> Mac => [0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee];

    [TestMethod]
    public void Gratuitous_arp_is_an_announcement_of_rfc_5227()
    {
        var expected = "ffffffffffff" + "02aabbccddee" + "0806"
            + "0001" + "0800" + "06" + "04" + "0001"
            + "02aabbccddee" + "0a010203" + "000000000000" + "0a010203";
        AssertFrame(expected, V4);
    }

    [TestMethod]
    public void Neighbour_advertisement_is_unsolicited_and_overrides()
    {
        var expected = "333300000001" + "02aabbccddee" + "86dd"
            + "60000000" + "0020" + "3a" + "ff" + "20010db8000000000000000000000010" + "ff020000000000000000000000000001"
            + "8800" + "5ea8" + "20000000" + "20010db8000000000000000000000010" + "0201" + "02aabbccddee";
        AssertFrame(expected, V6);
    }

    [TestMethod]
    public void Checksum_of_the_advertisement_verifies()
    {
        Span<byte> frame = stackalloc byte[Announcement.LongestFrame];
        Announcement.WriteNeighbourAdvertisement(frame, V6, Mac);
        var sum = InternetChecksum.AddPseudoHeader(0, frame[22..38], frame[38..54], 58, 32);
        Assert.AreEqual((ushort)0, InternetChecksum.Fold(InternetChecksum.Add(sum, frame[54..])));
    }

    [TestMethod]
    public void Wrong_families_macs_and_buffers_are_argument_errors()
    {
        Assert.ThrowsExactly<ArgumentException>(static () => Announcement.WriteGratuitousArp(new byte[86], V6, Mac));
        Assert.ThrowsExactly<ArgumentException>(static () => Announcement.WriteNeighbourAdvertisement(new byte[86], V4, Mac));
        Assert.ThrowsExactly<ArgumentException>(static () => Announcement.Write(new byte[86], V4, Mac[..5]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(static () => Announcement.Write(new byte[85], V6, Mac));
    }

    private static void AssertFrame(string expectedHex, IPAddress address)
    {
        Span<byte> frame = stackalloc byte[Announcement.LongestFrame + 1];
        frame.Fill(0xa5); // old contents must not shine through
        var length = Announcement.Write(frame, address, Mac);
        Assert.AreEqual(expectedHex, Convert.ToHexStringLower(frame[..length]), StringComparer.Ordinal);
        Assert.AreEqual(0xa5, frame[length]);
    }
}
