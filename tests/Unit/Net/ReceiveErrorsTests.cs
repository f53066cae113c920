using Appliance.Net;

namespace Appliance.Tests.Unit.Net;

[TestClass]
public sealed class ReceiveErrorsTests
{
    private const string Snmp = "Tcp: RtoAlgorithm RtoMin\nTcp: 1 200\nUdp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors\nUdp: 9 1 7 8 5 0\nUdpLite: InDatagrams RcvbufErrors\nUdpLite: 0 3\n";

    [TestMethod]
    [DataRow(Snmp, "Udp6InErrors                    \t4\nUdp6RcvbufErrors                \t2\nUdpLite6RcvbufErrors            \t9\n", 7)]
    [DataRow(Snmp, "", 5, DisplayName = "without IPv6")]
    [DataRow(Snmp, "Udp6RcvbufErrors x", 5, DisplayName = "what is no number counts nothing")]
    public void Both_families_count(string snmp, string snmp6, long errors) => Assert.AreEqual(errors, ReceiveErrors.Of(snmp, snmp6));

    [TestMethod]
    [DataRow("")]
    [DataRow("Udp: InDatagrams\nUdp: 9\n")]
    [DataRow("Udp: InDatagrams RcvbufErrors\nUdp: 9\n")]
    [DataRow("Udp: InDatagrams RcvbufErrors\n")]
    [DataRow("Udp: InDatagrams RcvbufErrors\nUdp: 9 many\n")]
    public void What_does_not_tell_is_not_zero(string snmp) => Assert.IsNull(ReceiveErrors.Of(snmp, "Udp6RcvbufErrors 2"));

    [TestMethod]
    public void This_machine_tells() => Assert.IsNotNull(ReceiveErrors.Read());
}
