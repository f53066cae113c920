using System.Text.Json;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Api.Fuzz;

/// <summary>Requests that follow the description, and such that do not: every answer is one that it promises, and nothing else suffers.</summary>
[TestClass]
public sealed class RequestFuzzTests : ApiFuzzTest
{
    private const int RequestsEach = 120;

    [TestMethod]
    public Task Without_the_right_token_nothing_is_carried_out() => UnharmedAsync(async () =>
    {
        string[] tokens = ["", "", $"Bearer {ReaderToken}", "Bearer", "Bearer ", $"bearer {OperatorToken}x", $"Basic {OperatorToken}", $"Bearer {new string('x', 4000)}", "Bearer 日本"];
        var operations = await OperationsAsync();
        var generator = new RequestGenerator(new Random(Seed), await WordsAsync(kinds: ["planned", "forced"], nodes: ["node1", "node2", "node3"]), tokens);
        var counts = await SendAsync(Requests(operations, generator), async (request, answer) =>
        {
            await AnswerRules.AssertAsync(request, answer, Cancellation);
            Assert.IsFalse(request.Operation.ChangesState && answer.IsSuccessStatusCode, "it was carried out");
        });

        foreach (var operation in operations)
        {
            Assert.IsTrue(IsLogout(operation) || counts.Keys.Any(key => key.Operation == operation && key.Status >= 400), $"{operation}: nothing was ever refused");
            Assert.IsTrue(operation.ChangesState || operation.Path.EndsWith("/audit", StringComparison.Ordinal)
                || counts.Keys.Any(key => key.Operation == operation && key.Status < 300), $"{operation}: nothing ever worked");
        }

        Assert.AreEqual(1UL, (await GatewayAsync()).Epoch);
        Assert.AreEqual(1, (await OperatorGetAsync("audit")).GetArrayLength(), "nobody has ordered anything, but for this test");
    });

    /// <summary>Orders that would rightly cost connections are left out: by force, with acceptLoss, and those about nodes that exist.</summary>
    [TestMethod]
    public Task With_the_right_token_what_makes_no_sense_is_refused() => UnharmedAsync(async () =>
    {
        var operations = (await OperationsAsync()).Where(operation => operation.ChangesState).ToList();
        var generator = new RequestGenerator(new Random(Seed), await WordsAsync(kinds: ["planned", "never"], nodes: ["node9", "NODE1", "node1 "]), [$"Bearer {OperatorToken}"]);
        var requests = Requests(operations, generator).Where(request => request.Body is not { } body || body.AsSpan().IndexOf("true"u8) < 0);
        var counts = await SendAsync(requests, (request, answer) => AnswerRules.AssertAsync(request, answer, Cancellation));

        Assert.IsFalse(counts.Keys.Any(key => key.Status is 401 or 403), "the token is the right one");
        Assert.IsTrue(counts.Keys.Any(key => key.Status == 202), "a planned switchover is carried out");
        Assert.IsTrue(counts.Keys.Any(key => key.Status is 400 or 415), "nonsense is refused");
        Assert.IsGreaterThan(0, (await OperatorGetAsync("audit")).GetArrayLength(), "who ordered is known");
    });

    /// <summary>Anybody may end a session that there is not.</summary>
    private static bool IsLogout(ApiOperation operation) => operation is { Method: "DELETE", ChangesState: false };

    private static List<FuzzRequest> Requests(IReadOnlyList<ApiOperation> operations, RequestGenerator generator) =>
        [.. Enumerable.Range(0, RequestsEach).SelectMany(_ => operations.Select(generator.Make))];

    private async Task<Dictionary<string, string[]>> WordsAsync(string[] kinds, string[] nodes)
    {
        var flow = (await GatewayReport.FlowsAsync(Lab.ApiUrl, Cancellation))[0].Flow;
        return new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["kind"] = kinds,
            ["name"] = nodes,
            ["node"] = ["node1", "node9"],
            ["id"] = [await OperationAsync()],
            ["flow"] = [flow, "10.0.1.2~1~10.0.2.100~1"],
            ["state"] = ["protected", "repairing,diverged", "Protected", "3"],
            ["sort"] = ["-age", "lag", "--flow", "colour"],
            ["limit"] = ["1", "100000", "100001", "0"],
            ["offset"] = ["0", "5", "2147483647", "-1"],
            ["follow"] = ["true", "false"],
            ["token"] = [ReaderToken, "nobody's"],
            ["Prefer"] = ["respond-async"],
            ["Idempotency-Key"] = ["one", "two"],
        };
    }

    /// <summary>An operation, so that there is one: it lets in a node that is in.</summary>
    private async Task<string> OperationAsync()
    {
        using var answer = await OperatorSendAsync(HttpMethod.Delete, "nodes/node1/drain");
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Cancellation)).GetProperty("id").GetString()!;
    }

    private async Task<JsonElement> OperatorGetAsync(string path)
    {
        using var answer = await OperatorSendAsync(HttpMethod.Get, path);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private async Task<HttpResponseMessage> OperatorSendAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, new Uri(Lab.ApiUrl, $"/api/v1/{path}"));
        request.Headers.Add("Authorization", $"Bearer {OperatorToken}");
        return await Http.SendAsync(request, Cancellation);
    }
}
