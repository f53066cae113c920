using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Measure;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Support;

/// <summary>A test with the lab's own server, which echoes and streams, on both nodes.</summary>
public abstract class TrafficTest : ApplianceTest
{
    /// <summary>The port that echoes.</summary>
    protected const int EchoPort = 7001;

    private const int StreamPort = 7002;

    [TestInitialize]
    public async Task StartServers()
    {
        foreach (var node in LabNames.Nodes)
        {
            await PrepareAsync(node);
            await StartServerAsync(node);
        }
    }

    /// <summary>Does to a node what has to be done before its server starts.</summary>
    protected virtual Task PrepareAsync(LabHost node) => Task.CompletedTask;

    /// <summary>Starts the server on a node and waits until it listens.</summary>
    protected async Task StartServerAsync(LabHost node)
    {
        Keep(Lab.StartProcess(node, [Tool, "traffic-server"], LogOf(node, "traffic-server")));
        await UntilAsync(
            () => KernelSockets.Listens(Lab, node, EchoPort) && KernelSockets.Listens(Lab, node, StreamPort),
            $"the server listens on {LabNames.Of(node)}");
    }

    /// <summary>Starts the client.</summary>
    private protected RunningTraffic StartClient(string address, params string[] options) =>
        Keep(RunningTraffic.Start(Lab, Tool, address, options));

    /// <summary>Asserts that every connection did what it had to, with the right bytes.</summary>
    protected static void AssertUnharmed(TrafficReport report, int connections)
    {
        Assert.IsEmpty(report.Errors, string.Join("; ", report.Errors));
        Assert.AreEqual(connections, report.Survived);
        Assert.AreEqual(0, report.Lost);
        Assert.AreEqual(0L, report.BytesCorrupted);
        Assert.IsTrue(report.Streams.All(stream => stream.Sha256Ok == true), "digests");
    }
}
