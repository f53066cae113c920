using System.Net;
using Appliance.Configuration;
using Appliance.Gateway.Recording;
using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.Recording;

/// <summary>How many clients' ends are answered alike, by service.</summary>
[TestClass]
public sealed class DatagramCensusTests : DatagramDeskTest
{
    private readonly List<string> _changes = [];

    [TestMethod]
    public void Ends_count_when_both_have_answered()
    {
        Record(1);
        RecordOf(KeyOf(1001), 1);
        Assert.AreEqual("0 of 0", Count());
        Assert.IsFalse(Stand(1000, differs: false));
        Assert.IsTrue(Stand(1001, differs: true));
        Assert.IsFalse(Stand(1001, differs: true), "told once");
        Assert.AreEqual("1 of 2", Count());
        Assert.AreEqual(1, Desk.Status.Divergences);
        Stand(1001, differs: false);
        Assert.AreEqual("0 of 2", Count());
    }

    [TestMethod]
    public void Only_replicas_count_and_after_a_move_nothing_is_known()
    {
        Record(1);
        Desk.OnStanding(0, new DatagramStandingEntry(Flow, Differs: true));
        Desk.OnStanding(2, new DatagramStandingEntry(Flow, Differs: true));
        Assert.AreEqual("0 of 0", Count());
        Stand(1000, differs: true);
        Assign(1, 0);
        Assert.AreEqual("0 of 0", Count());
        Assign(0, 1);
        Assert.AreEqual("0 of 0", Count());
    }

    [TestMethod]
    public void A_new_connection_of_the_node_begins_anew()
    {
        Record(1);
        Stand(1000, differs: true);
        Desk.Connected(1);
        Assert.AreEqual("0 of 0", Count());
    }

    [TestMethod]
    public void Ends_that_have_fallen_silent_count_no_more()
    {
        Record(1);
        Stand(1000, differs: true);
        Tell(1, 1);
        Wait(40_000);
        Assert.AreEqual("0 of 0", Count());
        Assert.IsFalse(Stand(1000, differs: true), "nobody knows it");
    }

    [TestMethod]
    public void Half_of_ten_or_more_end_the_service_s_agreement()
    {
        for (var i = 0; i < 10; i++)
        {
            RecordOf(KeyOf(1000 + i), 1);
            Stand(1000 + i, differs: i < 5);
        }
        Count();
        CollectionAssert.AreEqual(new[] { "names False" }, _changes);
    }

    private readonly ServiceOptions[] _services =
    [
        new("web", [IPAddress.Parse("10.0.2.100")], [new PortRange(1, 65535)], ServiceProtocol.Tcp),
        new("names", [IPAddress.Parse("10.0.2.100")], [new PortRange(53, 53)], ServiceProtocol.Udp),
    ];

    private bool Stand(int port, bool differs) => Desk.OnStanding(1, new DatagramStandingEntry(KeyOf(port), differs));

    private string Count()
    {
        var census = new DatagramCensus(Desk, _services, (service, reading) => _changes.Add($"{service.Name} {reading.IsInAgreement}"));
        census.Take();
        Assert.AreEqual(0, census.Services[0].Compared, "a TCP service");
        return $"{census.Services[1].Diverged} of {census.Services[1].Compared}";
    }
}
