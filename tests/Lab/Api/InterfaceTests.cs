using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Api;

/// <summary>The REST interface of a running gateway, as programs use and misuse it.</summary>
[TestClass]
public sealed partial class InterfaceTests : TrafficTest
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false });

    [TestMethod]
    public async Task Flows_come_in_pages()
    {
        var traffic = StartClient(LabAddresses.Vip4, "--connections", "25", "--wait-stop");
        await ProtectedAsync(25);
        var all = await GetAsync("flows?sort=-age");
        using var page = await s_http.GetAsync(Url("flows?state=protected&limit=10&offset=20&sort=flow"), Cancellation);
        Assert.AreEqual("25", page.Headers.GetValues("X-Total-Count").Single());
        Assert.AreEqual("</api/v1/flows?state=protected&limit=10&sort=flow&offset=10>; rel=\"prev\"", page.Headers.GetValues("Link").Single());
        Assert.AreEqual((25, 5), (all.GetArrayLength(), (await page.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetArrayLength()));
        using var beyond = await s_http.GetAsync(Url("flows?limit=100000&offset=2147483647"), Cancellation);
        Assert.AreEqual("</api/v1/flows?limit=100000&offset=2147383647>; rel=\"prev\"", beyond.Headers.GetValues("Link").Single(), "nothing is next");
        AssertUnharmed(await traffic.FinishAsync(Cancellation), 25);
    }

    [TestMethod]
    public async Task A_switchover_is_an_operation_and_its_events_are_told_as_they_happen()
    {
        await GatewayUntilAsync(gateway => gateway.Ready, "both nodes take part");
        using var events = await StreamReaderAsync(lastEventId: null);
        await events.UntilAsync(e => e.Kind == "assignment" && e.Data.GetProperty("cause").GetString() == "start", Cancellation);

        using var request = new HttpRequestMessage(HttpMethod.Post, Url("failover")) { Content = JsonContent.Create(new { kind = "planned" }) };
        request.Headers.Add("Prefer", "respond-async");
        request.Headers.Add("Idempotency-Key", "one");
        using var answer = await s_http.SendAsync(request, Cancellation);
        Assert.AreEqual(HttpStatusCode.Accepted, answer.StatusCode);
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("id").GetString();
        Assert.AreEqual($"/api/v1/operations/{id}", answer.Headers.Location!.OriginalString);

        var done = await events.UntilAsync(e => e.Kind == "operation" && e.Data.GetProperty("operation").GetProperty("state").GetString() == "succeeded", Cancellation);
        Assert.AreEqual(id, done.Data.GetProperty("operation").GetProperty("id").GetString());
        Assert.AreEqual("succeeded", (await GetAsync($"operations/{id}")).GetProperty("state").GetString());

        using var later = await StreamReaderAsync(done.Id);
        var missed = await later.UntilAsync(_ => true, Cancellation);
        Assert.AreNotEqual("start", missed.Data.TryGetProperty("cause", out var cause) ? cause.GetString() : null, "what was known is not told again");

        var epoch = (await GatewayAsync()).Epoch;
        using var again = new HttpRequestMessage(HttpMethod.Post, Url("failover")) { Content = JsonContent.Create(new { kind = "planned" }) };
        again.Headers.Add("Idempotency-Key", "one");
        using var same = await s_http.SendAsync(again, Cancellation);
        Assert.AreEqual(id, (await same.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("id").GetString());
        Assert.AreEqual(epoch, (await GatewayAsync()).Epoch, "it was carried out once");
        var audit = await GetAsync("audit");
        Assert.AreEqual(("anonymous", "POST /api/v1/failover"), (audit[0].GetProperty("who").GetString(), audit[0].GetProperty("request").GetString()));
    }

    [TestMethod]
    public async Task Prometheus_gets_every_counter_under_its_name()
    {
        var status = await GatewayUntilAsync(gateway => gateway.Ready, "both nodes take part");
        using var answer = await s_http.GetAsync(new Uri(Lab.ApiUrl, "/metrics"), Cancellation);
        Assert.AreEqual("text/plain", answer.Content.Headers.ContentType!.MediaType);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            Assert.IsTrue(MetricLine().IsMatch(line), line);
        }
        foreach (var counter in status.Counters.Keys)
        {
            StringAssert.Contains(text, $"\nappliance_{counter}_total ", StringComparison.Ordinal);
        }
        StringAssert.Contains(text, "appliance_node_role{node=\"node2\",role=\"replica\"} 1\n", StringComparison.Ordinal);
        StringAssert.Contains(text, "appliance_assignments_total{cause=\"start\"} 1\n", StringComparison.Ordinal);
        var names = Regex.Matches(text, "^# TYPE (\\S+)", RegexOptions.Multiline).Select(m => m.Groups[1].Value).ToList();
        CollectionAssert.AllItemsAreUnique(names);
    }

    [TestMethod]
    public async Task The_interface_describes_itself()
    {
        var description = JsonSerializer.Deserialize<JsonElement>(await s_http.GetStringAsync(new Uri(Lab.ApiUrl, "/openapi/v1.json"), Cancellation));
        var paths = description.GetProperty("paths").EnumerateObject().Select(p => p.Name).ToHashSet();
        foreach (var path in new[] { "status", "flows", "events", "telemetry", "failover", "nodes/{name}/drain", "operations/{id}", "recordings/{flow}.pcap", "session", "audit" })
        {
            Assert.Contains($"/api/v1/{path}", paths);
        }
    }

    [TestMethod]
    public async Task Telemetry_has_every_node_and_goes_on()
    {
        await GatewayUntilAsync(gateway => gateway.Ready, "both nodes take part");
        JsonElement samples = default;
        await GatewayUntilAsync(_ => (samples = Samples()).GetArrayLength() >= 3, "three samples are there");
        foreach (var node in samples[samples.GetArrayLength() - 1].GetProperty("nodes").EnumerateArray())
        {
            Assert.IsGreaterThan(5, node.GetProperty("heartbeats").GetInt32(), "one each 10 ms for half a second");
            Assert.IsGreaterThan(0.0, node.GetProperty("longestGapMs").GetDouble());
        }
    }

    [TestMethod]
    public async Task What_makes_no_sense_is_refused_with_the_field()
    {
        (string Path, string Body, int Status, string Detail)[] requests =
        [
            ("failover", "{", 400, "JSON"),
            ("failover", "", 400, "body"),
            ("failover", "null", 400, "body"),
            ("failover", "[]", 400, "JSON"),
            ("failover", """{"kind":7}""", 400, "$.kind"),
            ("failover", """{"kind":"planned","acceptLoss":"yes"}""", 400, "$.acceptLoss"),
            ("failover", """{"kind":"never"}""", 400, "kind"),
            ("failover", "{}", 400, "kind"),
            ("nodes/node9/drain", "{}", 404, "node1, node2"),
            ("nodes/node1/drain", """{"acceptLoss":[]}""", 400, "$.acceptLoss"),
        ];
        foreach (var (path, body, status, detail) in requests)
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await s_http.PostAsync(Url(path), content, Cancellation);
            var text = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.AreEqual((status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType), $"{path} {body}: {text}");
            StringAssert.Contains(JsonSerializer.Deserialize<JsonElement>(text).GetProperty("detail").GetString(), detail, StringComparison.Ordinal, $"{path} {body}");
        }
        using var huge = new StringContent($$"""{"kind":"{{new string('x', 100_000)}}"}""", Encoding.UTF8, "application/json");
        await RefusedAsync(HttpMethod.Post, "failover", huge, HttpStatusCode.RequestEntityTooLarge);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("kind", "forced")]);
        await RefusedAsync(HttpMethod.Post, "failover", form, HttpStatusCode.UnsupportedMediaType);
        using var foreign = new StringContent("{}") { Headers = { ContentType = new("application/json", "utf-7") } };
        await RefusedAsync(HttpMethod.Post, "failover", foreign, HttpStatusCode.UnsupportedMediaType);
        await RefusedAsync(HttpMethod.Get, "failover", null, HttpStatusCode.MethodNotAllowed);
        await RefusedAsync(HttpMethod.Get, "operations/none", null, HttpStatusCode.NotFound);
        await RefusedAsync(HttpMethod.Get, "nothing", null, HttpStatusCode.NotFound);
        await RefusedAsync(HttpMethod.Get, "flows?limit=many", null, HttpStatusCode.BadRequest);
        await RefusedAsync(HttpMethod.Get, "flows?sort=colour", null, HttpStatusCode.BadRequest);
        Assert.AreEqual(1UL, (await GatewayUntilAsync(gateway => gateway.Ready, "all is as it was")).Epoch);
    }

    private async Task RefusedAsync(HttpMethod method, string path, HttpContent? content, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(method, Url(path)) { Content = content };
        request.Headers.ExpectContinue = status == HttpStatusCode.RequestEntityTooLarge; // the server closes without reading it: writing may fail before the answer is read
        using var answer = await s_http.SendAsync(request, Cancellation);
        Assert.AreEqual((status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType), path);
    }

    private JsonElement Samples() => GetAsync("telemetry").GetAwaiter().GetResult().GetProperty("samples");

    private Uri Url(string path) => new(Lab.ApiUrl, $"/api/v1/{path}");

    private async Task<JsonElement> GetAsync(string path) => JsonSerializer.Deserialize<JsonElement>(await s_http.GetStringAsync(Url(path), Cancellation));

    private async Task<EventReader> StreamReaderAsync(string? lastEventId)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Url("events"));
        request.Headers.Add("Accept", "text/event-stream");
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }
        var answer = await s_http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.AreEqual("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        return new EventReader(await answer.Content.ReadAsStreamAsync(Cancellation));
    }

    [GeneratedRegex("""^(# (HELP|TYPE) [a-z_]+ .*|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [-+0-9.eENaIif]+)$""")]
    private static partial Regex MetricLine();
}
