using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Appliance.Gateway.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Appliance.Tests.Unit.Api;

/// <summary>How errors are told, over real HTTP: as problem details, also to those who ask for something else.</summary>
[TestClass]
public sealed class ProblemTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancellation => TestContext.CancellationToken;

    [TestMethod]
    [DataRow("application/json")]
    [DataRow("text/html")]
    [DataRow("text/event-stream")]
    [DataRow("application/problem+json;q=0")]
    public async Task Whatever_a_client_accepts_it_is_told_what_is_wrong(string accept)
    {
        await using var app = await StartAsync();
        using var http = Client(app);
        http.DefaultRequestHeaders.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        await AssertProblemAsync(await http.GetAsync("/nothing", Cancellation), HttpStatusCode.NotFound);
        await AssertProblemAsync(await http.GetAsync("/order", Cancellation), HttpStatusCode.MethodNotAllowed);
        using var cut = new StringContent("""{"text":""", Encoding.UTF8, "application/json");
        var detail = await AssertProblemAsync(await http.PostAsync("/order", cut, Cancellation), HttpStatusCode.BadRequest);
        StringAssert.Contains(detail, "$.text", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("application/json", 200)]
    [DataRow("application/json; charset=UTF-8", 200)]
    [DataRow("application/json; charset=\"utf-8\"", 200)]
    [DataRow("application/json; charset=utf-16", 415)]
    [DataRow("application/json; charset=nonsense", 415)]
    [DataRow("text/plain", 415)]
    [DataRow("", 415)]
    public async Task A_body_is_JSON_in_UTF_8(string type, int status)
    {
        await using var app = await StartAsync();
        using var http = Client(app);
        using var content = new ByteArrayContent("""{"text":"x"}"""u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await http.PostAsync("/order", content, Cancellation);
        Assert.AreEqual(status, (int)answer.StatusCode);
        using var unread = new HttpRequestMessage(HttpMethod.Get, "/read") { Content = content };
        Assert.AreEqual(HttpStatusCode.OK, (await http.SendAsync(unread, Cancellation)).StatusCode, "nobody reads it");
    }

    private async Task<string?> AssertProblemAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        using (answer)
        {
            Assert.AreEqual((status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
            Assert.AreEqual((int)status, problem.GetProperty("status").GetInt32());
            Assert.AreNotEqual("", problem.GetProperty("title").GetString());
            return problem.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
        }
    }

    private static HttpClient Client(WebApplication app) => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(app.Urls.Single()) };

    private async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddProblems();
        var app = builder.Build();
        app.UseProblems();
        app.MapGet("/read", () => "read");
        app.MapPost("/order", (Order order) => order.Text);
        await app.StartAsync(Cancellation);
        return app;
    }

    private sealed record Order(string Text);
}
