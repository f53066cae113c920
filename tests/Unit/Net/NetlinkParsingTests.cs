using System.Net;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using Appliance.Net;

namespace Appliance.Tests.Unit.Net;

/// <summary>What the kernel sends: well-formed, cut off at every byte, and with hostile lengths.</summary>
[TestClass]
public sealed class NetlinkParsingTests
{
    // ifinfomsg of index 7, IFF_UP | IFF_LOWER_UP; IFLA_IFNAME "eth0", IFLA_MTU 1500, IFLA_ADDRESS
    private static readonly byte[] Link = Convert.FromHexString(
        "00000100" + "07000000" + "01000100" + "00000000" + "0900030065746830" + "00000000" + "08000400dc050000"
        + "0a00010002aabbccddee0000");

    // ifaddrmsg of 10.1.2.3/24 on 7; IFA_ADDRESS (a peer), IFA_LOCAL, IFA_FLAGS
    private static readonly byte[] Address = Convert.FromHexString(
        "0218800007000000" + "080001000a0102ff" + "080002000a010203" + "0800080080020000");

    // nlmsgerr: -ENODEV, the request's header, then NLMSGERR_ATTR_MSG "Device not found"
    private static readonly byte[] Error = Convert.FromHexString(
        "edffffff" + "30000000140005060100000000000000" + "15000100446576696365206e6f7420666f756e6400000000");

    [TestMethod]
    public void Link_is_read()
    {
        Assert.IsTrue(LinkInfo.TryRead(Link, out var link));
        Assert.AreEqual(new LinkInfo(7, "eth0", PhysicalAddress.Parse("02AABBCCDDEE"), 1500, IsUp: true, HasCarrier: true), link);
    }

    [TestMethod]
    public void Address_is_the_local_one_not_the_peer()
    {
        Assert.IsTrue(InterfaceAddress.TryRead(Address, out var address));
        Assert.AreEqual(
            new InterfaceAddress(7, IPAddress.Parse("10.1.2.3"), 24, AddressFlags.Permanent | AddressFlags.NoPrefixRoute), address);
    }

    [TestMethod]
    public void Address_of_another_family_or_of_the_wrong_length_is_refused()
    {
        var other = (byte[])Address.Clone();
        other[0] = 28;
        Assert.IsFalse(InterfaceAddress.TryRead(other, out _));
        other[0] = 10; // IPv6, but the attributes hold 4 bytes
        Assert.IsFalse(InterfaceAddress.TryRead(other, out _));
    }

    [TestMethod]
    public void Error_carries_the_kernels_words()
    {
        var flags = NetlinkFlags.Exclusive | NetlinkFlags.Replace; // NLM_F_ACK_TLVS | NLM_F_CAPPED
        Assert.IsTrue(NetlinkResult.TryRead(Error, flags, out var result));
        Assert.AreEqual(new NetlinkResult(19, "Device not found"), result);
        Assert.AreEqual("No such device (errno 19): Device not found", result.ToString(), StringComparer.Ordinal);
        Assert.AreEqual(
            "Could not do it: No such device (errno 19): Device not found",
            new NetlinkException("do it", result).Message,
            StringComparer.Ordinal);
    }

    [TestMethod]
    public void Error_without_cap_skips_the_whole_request()
    {
        var echoed = new byte[0x30 - NetlinkMessageWriter.HeaderLength];
        byte[] uncapped = [.. Error.AsSpan(0, 20), .. echoed, .. Error.AsSpan(20)];
        Assert.IsTrue(NetlinkResult.TryRead(uncapped, NetlinkFlags.Exclusive, out var result));
        Assert.AreEqual("Device not found", result.KernelMessage, StringComparer.Ordinal);

        MemoryMarshal.Write(uncapped.AsSpan(4), uint.MaxValue); // claims a request longer than the message
        Assert.IsTrue(NetlinkResult.TryRead(uncapped, NetlinkFlags.Exclusive, out result));
        Assert.IsNull(result.KernelMessage);
    }

    [TestMethod]
    public void Every_truncation_is_survived()
    {
        var whole = Enum.GetValues<NetlinkFlags>().Aggregate(static (all, flag) => all | flag);
        for (var length = 0; length < Link.Length; length++)
        {
            LinkInfo.TryRead(Link.AsSpan(0, length), out _);
        }

        for (var length = 0; length < Address.Length; length++)
        {
            InterfaceAddress.TryRead(Address.AsSpan(0, length), out _);
        }

        for (var length = 0; length < Error.Length; length++)
        {
            Assert.AreEqual(length >= 20, NetlinkResult.TryRead(Error.AsSpan(0, length), whole, out _), $"{length} bytes");
            NetlinkResult.TryRead(Error.AsSpan(0, length), NetlinkFlags.Exclusive, out _);
        }
    }

    [TestMethod]
    public void Attributes_are_walked_over_padding_with_their_flag_bits_removed()
    {
        // type 1 "ab", type 8 nested and empty, type 3 with one byte and its padding cut off
        var reader = new NetlinkAttributeReader(Convert.FromHexString("060001006162ffff" + "04000880" + "05000300aa"));
        Assert.IsTrue(reader.TryRead(out var type, out var value));
        Assert.AreEqual((1, "6162"), (type, Convert.ToHexStringLower(value)));
        Assert.IsTrue(reader.TryRead(out type, out value));
        Assert.AreEqual((8, ""), (type, Convert.ToHexStringLower(value)));
        Assert.IsTrue(reader.TryRead(out type, out value));
        Assert.AreEqual((3, "aa"), (type, Convert.ToHexStringLower(value)));
        Assert.IsFalse(reader.TryRead(out _, out _));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("04")]
    [DataRow("040001")]
    [DataRow("00000100", DisplayName = "length 0, which would loop for ever")]
    [DataRow("03000100", DisplayName = "length below the header's")]
    [DataRow("05000100", DisplayName = "length beyond the end")]
    [DataRow("ffff0100aabbccdd", DisplayName = "greatest length")]
    public void Malformed_attributes_end_the_walk(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var reader = new NetlinkAttributeReader(bytes);
        Assert.IsFalse(reader.TryRead(out _, out var value));
        Assert.IsTrue(value.IsEmpty);
        Assert.IsFalse(NetlinkAttributeReader.TryFind(bytes, 1, 0, out _));
    }

    [TestMethod]
    public void Attribute_that_is_too_short_is_not_found()
    {
        var bytes = Convert.FromHexString("06000100aabb0000" + "08000100cafebabe");
        Assert.IsTrue(NetlinkAttributeReader.TryFind(bytes, 1, 4, out var value));
        Assert.AreEqual("cafebabe", Convert.ToHexStringLower(value), StringComparer.Ordinal);
        Assert.IsFalse(NetlinkAttributeReader.TryFind(bytes, 1, 5, out _));
    }

    [TestMethod]
    public void Messages_of_a_datagram_are_walked_and_truncations_end_the_walk()
    {
        // an 18-byte message (padded to 20), then an empty one
        var datagram = Convert.FromHexString("12000000100002000900000000000000" + "aabb0000" + "10000000030002000900000000000000");
        var reader = new NetlinkMessageReader(datagram);
        Assert.IsTrue(reader.TryRead(out var message));
        Assert.AreEqual((16, NetlinkFlags.Multi, 9u), (message.Type, message.Flags, message.Sequence));
        Assert.AreEqual("aabb", Convert.ToHexStringLower(message.Payload), StringComparer.Ordinal);
        Assert.IsTrue(reader.TryRead(out message));
        Assert.AreEqual(NetlinkMessage.Done, message.Type);
        Assert.IsFalse(reader.TryRead(out _));

        for (var length = 0; length < datagram.Length; length++)
        {
            var cut = new NetlinkMessageReader(datagram.AsSpan(0, length));
            var count = 0;
            while (cut.TryRead(out _))
            {
                count++;
            }

            Assert.AreEqual(length >= 18 ? 1 : 0, count, $"{length} bytes");
        }
    }

    [TestMethod]
    [DataRow(0u)]
    [DataRow(15u)]
    [DataRow(17u)]
    [DataRow(0x80000000u)]
    [DataRow(uint.MaxValue)]
    public void Message_with_a_hostile_length_ends_the_walk(uint length)
    {
        var datagram = new byte[16];
        MemoryMarshal.Write(datagram.AsSpan(), length);
        Assert.IsFalse(new NetlinkMessageReader(datagram).TryRead(out _));
    }
}
