using System.Net;
using System.Runtime.InteropServices;
using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Configuration;

namespace Appliance.Tests.Unit.Layout;

[TestClass]
public sealed class VipTests
{
    private static readonly IPAddress First = IPAddress.Parse("10.0.2.100");
    private static readonly IPAddress Second = IPAddress.Parse("fd00:2::100");

    [TestMethod]
    public void The_programs_read_ports_and_protocol_of_each_service()
    {
        var vip = VipTable.PortsOf(First,
        [
            new ServiceOptions("database", [First], [new PortRange(5432, 5432)], ServiceProtocol.Tcp, Comparison: Comparison.All),
            new ServiceOptions("elsewhere", [Second], [new PortRange(1, 65535)]),
            new ServiceOptions("names", [Second, First], [new PortRange(53, 53), new PortRange(5353, 5354)], ServiceProtocol.Udp),
            new ServiceOptions("both", [First], [new PortRange(80, 81)]),
        ]);
        var bytes = MemoryMarshal.AsBytes(new Span<Vip>(ref vip));
        Assert.AreEqual(
            "04000000" // four ranges
            + "381538150600000001000000" // 5432–5432, TCP, service 0, everything is compared
            + "350035001102000000000000" // 53–53, UDP, service 2
            + "E914EA141102000000000000" // 5353–5354, UDP, service 2
            + "500051000003000000000000", // 80–81, any, service 3
            Convert.ToHexString(bytes[..52]));
        Assert.IsFalse(bytes[52..].ContainsAnyExcept((byte)0));
    }

    [TestMethod]
    public void More_ranges_than_the_programs_look_at_are_an_error()
    {
        var ranges = Enumerable.Range(1, Vip.MaxRanges + 1).Select(i => new PortRange((ushort)(2 * i), (ushort)(2 * i))).ToList();
        var error = Assert.ThrowsExactly<ConfigurationException>(() => VipTable.PortsOf(First, [new ServiceOptions("many", [First], ranges)]));
        CollectionAssert.Contains(error.Errors.ToArray(), "10.0.2.100 has more than 16 port ranges");
    }
}
