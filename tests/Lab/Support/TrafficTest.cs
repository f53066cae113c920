using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
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

    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false });

    /// <inheritdoc/>
    protected override Task PopulateAsync() => Task.WhenAll(LabNames.Nodes.Select(StartServerAsync));

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

    /// <summary>Orders a planned switchover; the result is the node that holds the service then.</summary>
    protected async Task<string> SwitchAsync(bool acceptLoss = false)
    {
        using var answer = await OrderAsync("planned", acceptLoss);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.AreEqual(HttpStatusCode.Accepted, answer.StatusCode, body.ToString());
        return body.GetProperty("active").GetString()!;
    }

    /// <summary>Decides whose output reaches clients.</summary>
    protected async Task SetOutputAsync(string policy)
    {
        using var answer = await s_http.PutAsJsonAsync(new Uri(Lab.ApiUrl, "/api/v1/services/all/output"), new { policy }, Cancellation);
        Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

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
