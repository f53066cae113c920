using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Appliance.Lab.Faults;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Api;

/// <summary>The node agents' own interfaces, through the gateway and around it.</summary>
[TestClass]
public sealed class NodeProxyTests : ApplianceTest
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false });

    [TestMethod]
    public async Task Operators_read_a_node_through_the_gateway_and_nobody_around_it()
    {
        await GatewayUntilAsync(gateway => gateway.Ready, "both nodes take part");
        await UntilAsync(() => LabNames.Nodes.All(node => StatusAsync($"{LabNames.Of(node)}/health").GetAwaiter().GetResult() == HttpStatusCode.OK), "both answer");
        var health = await GetAsync("node2/health");
        Assert.AreEqual(("node2", "replica", 1), (health.GetProperty("name").GetString(), health.GetProperty("role").GetString(), health.GetProperty("epoch").GetInt32()));
        Assert.IsLessThan(1000.0, health.GetProperty("gatewayHeardMs").GetDouble());
        Assert.IsTrue((await GetAsync("node1/counters")).TryGetProperty("silenced", out _));
        Assert.AreEqual(HttpStatusCode.NotFound, await StatusAsync("node3/health"));
        Assert.AreEqual(HttpStatusCode.NotFound, await StatusAsync("node1/nothing"));
        Assert.AreEqual(HttpStatusCode.NotFound, await StatusAsync("node1/log"), "no log file is configured");

        StringAssert.StartsWith(Around("GET /health HTTP/1.0\r\n\r\n"), "HTTP/1.1 401 ", StringComparison.Ordinal);

        await FaultAsync(FaultKind.Crash, "node2");
        await UntilAsync(() => StatusAsync("node2/health").GetAwaiter().GetResult() == HttpStatusCode.ServiceUnavailable, "a dead node is not asked any more");
        Assert.AreEqual(HttpStatusCode.OK, await StatusAsync("node1/health"));
    }

    /// <summary>Asks node1's agent directly, from the gateway's host.</summary>
    private string Around(string request) => NetworkNamespace.Run(Lab.Namespace(LabHost.Gateway), () =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPEndPoint.Parse($"{LabAddresses.Node4(LabHost.Node1)}:{LabAddresses.NodeApiPort}"));
        socket.Send(Encoding.ASCII.GetBytes(request));
        var answer = new byte[4096];
        return Encoding.ASCII.GetString(answer, 0, socket.Receive(answer));
    });

    private Uri Url(string path) => new(Lab.ApiUrl, $"/nodes/{path}");

    private Task<JsonElement> GetAsync(string path) => s_http.GetFromJsonAsync<JsonElement>(Url(path), Cancellation);

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var answer = await s_http.GetAsync(Url(path), Cancellation);
        return answer.StatusCode;
    }
}
