using System.Net;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Layout;

[TestClass]
public sealed class AddressTests
{
    [TestMethod]
    [DataRow("10.0.2.100", "00000000000000000000ffff0a000264", true)]
    [DataRow("0.0.0.0", "00000000000000000000ffff00000000", true)]
    [DataRow("fd00:2::100", "fd000002000000000000000000000100", false)]
    [DataRow("::", "00000000000000000000000000000000", false)]
    [DataRow("::ffff:0:10.0.2.100", "0000000000000000ffff00000a000264", false)]
    public void An_address_is_sixteen_bytes_of_the_wire(string text, string hex, bool isV4)
    {
        var address = Address16.From(IPAddress.Parse(text));
        var bytes = new byte[16];
        address.CopyTo(bytes);
        Assert.AreEqual(hex, Convert.ToHexStringLower(bytes));
        Assert.AreEqual(isV4, address.IsIPv4);
        Assert.AreEqual(IPAddress.Parse(text), address.ToIPAddress());
        Assert.AreEqual(address, new Address16(bytes));
        Assert.AreEqual(IPAddress.Parse(text).ToString(), address.ToString());
    }

    [TestMethod]
    public void A_mapped_address_is_its_IPv4_address() =>
        Assert.AreEqual(Address16.From(IPAddress.Parse("10.0.2.100")), Address16.From(IPAddress.Parse("::ffff:10.0.2.100")));

    [TestMethod]
    public void A_key_has_its_ports_as_on_the_wire()
    {
        var key = Ends.V4.Key;
        Assert.AreEqual(
            "00000000000000000000ffff0a000102" + "00000000000000000000ffff0a000264" + "9c40" + "1538",
            Convert.ToHexStringLower(MemoryMarshal.AsBytes(new ReadOnlySpan<FlowKey>(in key))));
        Assert.AreEqual((40000, 5432), (key.ClientPort, key.ServicePort));
        Assert.AreEqual("10.0.1.2:40000->10.0.2.100:5432", key.ToString());
        Assert.AreEqual("[fd00:1::2]:40000->[fd00:2::100]:5432", Ends.V6.Key.ToString());
    }

    [TestMethod]
    public void Keys_are_equal_by_value()
    {
        Assert.AreEqual(Ends.V6.Key, Ends.V6.Key);
        Assert.AreNotEqual(Ends.V4.Key, Ends.V4.At(80).Key);
        Assert.AreNotEqual(Ends.V4.Key, new FlowKey(Ends.V4.Service, Ends.V4.Client));
        Assert.AreEqual(ushort.MaxValue, new FlowKey(new(IPAddress.Any, 65535), new(IPAddress.Any, 1)).ClientPort);
    }

    [TestMethod]
    public void A_MAC_address_is_six_bytes()
    {
        var mac = new MacAddress([2, 0xb0, 0, 0, 0, 0x1f]);
        CollectionAssert.AreEqual(new byte[] { 2, 0xb0, 0, 0, 0, 0x1f }, mac.ToArray());
        Assert.AreEqual("02:b0:00:00:00:1f", mac.ToString());
        Assert.IsFalse(mac.IsZero);
        Assert.IsTrue(default(MacAddress).IsZero);
        var frame = new byte[7];
        mac.CopyTo(frame);
        CollectionAssert.AreEqual(new byte[] { 2, 0xb0, 0, 0, 0, 0x1f, 0 }, frame);
    }
}
