using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Api;

/// <summary>A node is kept out for maintenance, and let in again.</summary>
[TestClass]
public sealed class DrainTests : TrafficTest
{
    private const int Connections = 100;

    [TestMethod]
    public async Task The_active_node_is_drained_under_load_and_stays_out_through_a_restart_of_the_gateway()
    {
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        await ProtectedAsync(Connections);

        var operation = await OrderAsync(HttpMethod.Post, "nodes/node1/drain", HttpStatusCode.Accepted);
        Assert.AreEqual(("succeeded", "node2", "nodeDrained"), (Text(operation, "state"), Text(operation, "active"), Text(operation, "cause")));
        var gateway = await GatewayUntilAsync(g => g.Node(LabHost.Node1).Role == "drained" && g.Node(LabHost.Node2).Role == "active", "node1 is out");
        Assert.IsTrue(gateway.Ready, "everybody who is to take part does");
        AssertDrained(gateway, from: "node1", to: "node2");

        await FaultAsync(FaultKind.Crash, "gateway");
        await FaultAsync(FaultKind.Heal, "gateway");
        await GatewayUntilAsync(g => g.Node(LabHost.Node1).Role == "drained" && g.Node(LabHost.Node2).Role == "active" && g.Flows == Connections, "node1 is still out");
        var refused = await OrderAsync(HttpMethod.Post, "nodes/node2/drain", HttpStatusCode.Conflict, new { acceptLoss = true });
        StringAssert.Contains(Text(refused, "detail"), "No live replica", StringComparison.Ordinal);

        await OrderAsync(HttpMethod.Delete, "nodes/node1/drain", HttpStatusCode.Accepted);
        await GatewayUntilAsync(g => g.Node(LabHost.Node1).Role == "replica", "node1 takes part again");
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);
    }

    [TestMethod]
    public async Task A_drained_replica_can_be_taken_down_and_comes_back_when_it_is_let_in()
    {
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        await ProtectedAsync(Connections);
        var epoch = (await GatewayAsync()).Epoch;

        await OrderAsync(HttpMethod.Post, "nodes/node2/drain", HttpStatusCode.Accepted);
        await FaultAsync(FaultKind.Crash, "node2");
        AssertDrained(await GatewayUntilAsync(g => g.Node(LabHost.Node2).Role == "down", "node2 is down"), from: "node1", to: "node1");
        await FaultAsync(FaultKind.Heal, "node2");
        await StartServerAsync(LabHost.Node2);
        var gateway = await GatewayUntilAsync(g => g.Node(LabHost.Node2).Role == "drained", "node2 is back, and out");
        Assert.AreEqual(epoch + 1, gateway.Epoch, "neither its death nor its return is anybody's business");

        await OrderAsync(HttpMethod.Delete, "nodes/node2/drain", HttpStatusCode.Accepted);
        await GatewayUntilAsync(g => g.Node(LabHost.Node2).Role == "replica", "node2 takes part again");
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);

        var later = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        await ProtectedAsync(Connections);
        await FaultAsync(FaultKind.Crash, "node1");
        await TakenOverAsync(LabHost.Node2, gateway.Epoch);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // every connection has its turn
        AssertUnharmed(await later.FinishAsync(Cancellation), Connections);
    }

    private static void AssertDrained(GatewayReport gateway, string from, string to)
    {
        var change = gateway.Events.Last(e => e.Cause == "nodeDrained");
        Assert.AreEqual((from, to), (change.From, change.Active), "only a node that holds the service has it to give");
    }

    private static string Text(JsonElement body, string field) => body.GetProperty(field).GetString()!;

    private async Task<JsonElement> OrderAsync(HttpMethod method, string path, HttpStatusCode status, object? body = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(method, new Uri(Lab.ApiUrl, $"/api/v1/{path}")) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await http.SendAsync(request, Cancellation);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.AreEqual(status, answer.StatusCode, json.ToString());
        return json;
    }
}
