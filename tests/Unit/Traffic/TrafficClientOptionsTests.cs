using System.Net;
using Appliance.Lab.Traffic.Client;

namespace Appliance.Tests.Unit.Traffic;

[TestClass]
public sealed class TrafficClientOptionsTests
{
    [TestMethod]
    public void DefaultsWithOneConnectionAreValid() =>
        Assert.IsEmpty(new TrafficClientOptions { Target = IPAddress.Loopback, EchoConnections = 1 }.Validate());

    [TestMethod]
    public void EveryErrorIsReported()
    {
        var options = new TrafficClientOptions
        {
            Target = IPAddress.Loopback,
            EchoPort = 0,
            StreamPort = 65_536,
            EchoConnections = 20_001,
            ThinkTime = TimeSpan.Zero,
            MessageSize = 0,
            Downloads = -1,
            StreamBytes = -1,
            StreamRate = -1,
            ConnectBatch = 0,
            ConnectAttempts = 0,
        };
        Assert.HasCount(10, options.Validate());
    }

    [TestMethod]
    public void ARunWithoutConnectionsIsRefused() =>
        Assert.HasCount(1, new TrafficClientOptions { Target = IPAddress.Loopback }.Validate());
}
