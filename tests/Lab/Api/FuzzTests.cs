using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Appliance.Lab;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Api;

/// <summary>
/// Every operation of the gateway's own description, with generated values in every place: nothing is carried out without a token, nothing
/// makes the gateway fail, every refusal is a problem that says why, and the connections go on. The seed is in every message; another one is
/// taken from APPLIANCE_SEED.
/// </summary>
[TestClass]
public sealed class FuzzTests : TrafficTest
{
    private const int Connections = 20;
    private const int RequestsPerOperation = 60;
    private const string Token = "correct-horse-battery-staple";

    private static readonly string[] s_texts =
    [
        "", " ", "node9", "0", "-1", "1", "2147483648", "18446744073709551616", "1e999", "NaN", "true", "null", "protected", "flow", "-age", "..", "../../etc/passwd", "%00", "%2e%2e%2f",
        "a b", "ä€𝄞", "\u202e", "'; --", "<script>", "{{x}}", "[fd00:1::2]:1-[fd00:2::100]:2", "10.0.1.2:1-10.0.2.100:2", new string('x', 3000), new string('9', 400),
    ];

    private static readonly string[] s_bodies =
    [
        "", " ", "{", "}", "null", "[]", "7", "\"\"", "true", "{}", """{"kind":null}""", """{"kind":"never"}""", """{"kind":7}""", """{"kind":["planned"]}""", """{"KIND":"x"}""", """{"kind":"x","kind":"y"}""",
        """{"acceptLoss":1}""", """{"acceptLoss":"true"}""", """{"token":{}}""", """{"token":null}""", """{"token":""}""", "{\"kind\":\"\ud800\"}", "\u0000", "﻿{}", "{\"a\":" + new string('[', 5000), new string('{', 200), new string(' ', 70_000),
        $"{{\"token\":\"{new string('t', 60_000)}\"}}", "<kind>planned</kind>", "kind=planned",
    ];

    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("APPLIANCE_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 1;

    /// <inheritdoc/>
    protected override LabOptions Options => base.Options with { ConfigurationFile = Keep(new ConfigurationOverlay(Configuration)).Path };

    private string Configuration =>
        $$"""api: { anonymous: read, tokens: [ { name: alice, scope: operate, secretFile: {{Keep(new ConfigurationOverlay(Token)).Path}} } ] }""";

    [TestMethod]
    public async Task Generated_requests_are_answered_and_change_nothing()
    {
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        var before = await ProtectedAsync(Connections);
        var random = new Random(_seed);
        using var description = JsonDocument.Parse(await s_http.GetStringAsync(new Uri(Lab.ApiUrl, "/openapi/v1.json"), Cancellation));
        var operations =
            (from path in description.RootElement.GetProperty("paths").EnumerateObject()
             from method in path.Value.EnumerateObject()
             select (Path: path.Name, Method: method.Name.ToUpperInvariant(), Parameters: Parameters(method.Value))).ToList();
        Assert.IsGreaterThan(12, operations.Count);

        foreach (var (path, method, parameters) in operations)
        {
            for (var i = 0; i < RequestsPerOperation; i++)
            {
                await TryAsync(random, path, method, parameters);
            }
        }
        for (var i = 0; i < 100; i++)
        {
            await SayAsync(Garbage(random));
        }

        var after = await GatewayUntilAsync(gateway => gateway.Ready, "it goes on");
        Assert.AreEqual(before.Epoch, after.Epoch, $"seed {_seed}");
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);
    }

    private static List<(string Name, string Place)> Parameters(JsonElement operation) => operation.TryGetProperty("parameters", out var parameters)
        ? [.. parameters.EnumerateArray().Select(p => (p.GetProperty("name").GetString()!, p.GetProperty("in").GetString()!))]
        : [];

    private async Task TryAsync(Random random, string path, string method, List<(string Name, string Place)> parameters)
    {
        var query = new StringBuilder();
        foreach (var (name, place) in parameters.Append(("unheard", "query")))
        {
            if (place == "path")
            {
                path = path.Replace($"{{{name}}}", Uri.EscapeDataString(Pick(random, s_texts)), StringComparison.Ordinal);
            }
            else if (place == "query" && random.Next(3) == 0)
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(random.Next(2) == 0 ? Uri.EscapeDataString(Pick(random, s_texts)) : "1&" + name);
            }
        }

        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Lab.ApiUrl, path + query));
        var isOperator = random.Next(2) == 0;
        var token = isOperator ? Token : Pick(random, "", "x", Token[..^1], Token + " ", new string('t', 2000));
        request.Headers.TryAddWithoutValidation("Authorization", Pick(random, "Bearer ", "bearer ", "Basic ") + token);
        isOperator &= request.Headers.Authorization is { Scheme: "Bearer" or "bearer" };
        foreach (var header in new[] { "Idempotency-Key", "Last-Event-ID", "Prefer", "Accept", "Origin", "Cookie", "X-Forwarded-For" })
        {
            if (random.Next(5) == 0)
            {
                request.Headers.TryAddWithoutValidation(header, string.Concat(Pick(random, s_texts).Where(c => char.IsAscii(c) && !char.IsControl(c))));
            }
        }
        var body = Pick(random, s_bodies);
        if (method != "GET")
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(Pick(random, "application/json", "application/json", "application/json", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-7"));
        }

        request.Headers.ConnectionClose = true; // one that is refused before it is read ends its connection, and with it what would come next
        using var answer = await s_http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        var what = $"seed {_seed}: {method} {path}{query} {request.Headers.Authorization} {request.Content?.Headers.ContentType} {Shorten(body)}: {(int)answer.StatusCode}";
        var isMissingStore = answer.StatusCode == HttpStatusCode.ServiceUnavailable;
        Assert.IsTrue((int)answer.StatusCode < 500 || isMissingStore, what);
        if ((int)answer.StatusCode >= 400 && !request.Headers.NonValidated.Contains("Accept"))
        {
            Assert.AreEqual("application/problem+json", answer.Content.Headers.ContentType?.MediaType, what);
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
            Assert.AreEqual((int)answer.StatusCode, problem.RootElement.GetProperty("status").GetInt32(), what);
        }
        if (method != "GET" && !isOperator && !path.EndsWith("/session", StringComparison.Ordinal))
        {
            Assert.IsGreaterThanOrEqualTo(400, (int)answer.StatusCode, what);
        }
    }

    /// <summary>Says something that need not be HTTP; whatever comes back, the gateway must not wait for more for ever.</summary>
    private async Task SayAsync(byte[] bytes)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Lab.ApiUrl.Host, Lab.ApiUrl.Port, Cancellation);
        try
        {
            await socket.SendAsync(bytes, Cancellation);
            socket.Shutdown(SocketShutdown.Send);
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer, Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancellation) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is an answer, too.
        }
        catch (TimeoutException)
        {
            Assert.Fail($"seed {_seed}: no end after {Convert.ToHexStringLower(bytes)}");
        }
    }

    private static byte[] Garbage(Random random)
    {
        var bytes = Encoding.ASCII.GetBytes(
            Pick(
                random,
                "GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n",
                $"POST /api/v1/failover HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {random.Next(-1, 100_000)}\r\n\r\n{{",
                "POST /api/v1/failover HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffff\r\n{}",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "\u0016\u0003\u0001\u0002"));
        for (var flips = random.Next(6); flips > 0; flips--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }
        return random.Next(3) == 0 ? bytes[..random.Next(1, bytes.Length)] : bytes;
    }

    private static string Pick(Random random, params string[] choices) => choices[random.Next(choices.Length)];

    private static string Shorten(string text) => text.Length <= 80 ? text : $"{text[..80]}… ({text.Length})";
}
