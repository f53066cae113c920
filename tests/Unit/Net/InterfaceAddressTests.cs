using System.Net;
using Appliance.Net;

namespace Appliance.Tests.Unit.Net;

[TestClass]
public sealed class InterfaceAddressTests
{
    [TestMethod]
    [DataRow("10.0.2.1", 24, "10.0.2.254", true)]
    [DataRow("10.0.2.1", 24, "10.0.3.1", false)]
    [DataRow("10.0.2.1", 23, "10.0.3.1", true)]
    [DataRow("10.0.2.1", 23, "10.0.4.1", false)]
    [DataRow("10.0.2.1", 32, "10.0.2.1", true)]
    [DataRow("10.0.2.1", 32, "10.0.2.2", false)]
    [DataRow("10.0.2.1", 0, "192.0.2.1", true)]
    [DataRow("fd00:2::1", 64, "fd00:2::100", true)]
    [DataRow("fd00:2::1", 64, "fd00:2:0:1::1", false)]
    [DataRow("fd00:2::1", 63, "fd00:2:0:1::1", true)]
    [DataRow("fd00:2::1", 0, "10.0.2.1", false, DisplayName = "another family")]
    public void Knows_its_network(string own, int prefix, string other, bool contained) => Assert.AreEqual(
        contained, new InterfaceAddress(1, IPAddress.Parse(own), prefix, default).NetworkContains(IPAddress.Parse(other)));
}
