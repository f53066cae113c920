using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Appliance.Configuration;
using Appliance.Gateway.Api;
using Appliance.Gateway.Api.Access;
using Appliance.Gateway.Api.Events;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Tests.Unit.Api;

/// <summary>Who may do what, over real HTTP: a page that reads and one that orders, as the interface protects its own.</summary>
[TestClass]
public sealed class AccessTests
{
    private const string Reader = "the reader's token";
    private const string Operator = "the operator's token";

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("none", null, 401, 401)]
    [DataRow("read", null, 200, 403)]
    [DataRow("operate", null, 200, 200)]
    [DataRow("none", Reader, 200, 403)]
    [DataRow("none", Operator, 200, 200)]
    [DataRow("operate", "a wrong token", 401, 401, DisplayName = "a wrong token is not nobody's")]
    [DataRow("operate", Reader, 200, 403, DisplayName = "a token is what it is, whatever strangers may")]
    [DataRow("none", "", 401, 401)]
    public async Task A_token_opens_what_its_scope_allows(string anonymous, string? token, int read, int order)
    {
        await using var app = await StartAsync(Enum.Parse<ApiScope>(anonymous, ignoreCase: true));
        using var http = Client(app);
        if (token is not null)
        {
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }
        using var reading = await http.GetAsync("/read", Cancellation);
        using var ordering = await http.PostAsync("/order", null, Cancellation);
        Assert.AreEqual((read, order), ((int)reading.StatusCode, (int)ordering.StatusCode));
        if (read == 401)
        {
            Assert.AreEqual("Bearer", reading.Headers.WwwAuthenticate.Single().Scheme);
            var problem = await reading.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
            StringAssert.Contains(problem.GetProperty("detail").GetString(), "api.tokens", StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public async Task A_browser_logs_in_orders_and_logs_out()
    {
        await using var app = await StartAsync(ApiScope.None);
        using var http = Client(app);
        var session = await LoginAsync(http, Operator);
        Assert.AreEqual(("olga", "operate"), (session.GetProperty("name").GetString(), session.GetProperty("scope").GetString()));
        Assert.AreEqual(HttpStatusCode.OK, (await http.GetAsync("/read", Cancellation)).StatusCode);
        Assert.AreEqual(HttpStatusCode.Forbidden, (await http.PostAsync("/order", null, Cancellation)).StatusCode, "without the CSRF token");
        http.DefaultRequestHeaders.Add("X-CSRF-Token", session.GetProperty("csrfToken").GetString());
        Assert.AreEqual(HttpStatusCode.OK, (await http.PostAsync("/order", null, Cancellation)).StatusCode);
        Assert.AreEqual(HttpStatusCode.NoContent, (await http.DeleteAsync("/api/v1/session", Cancellation)).StatusCode);
        Assert.AreEqual(HttpStatusCode.Unauthorized, (await http.GetAsync("/read", Cancellation)).StatusCode);
    }

    [TestMethod]
    public async Task A_stream_ends_with_the_session_that_opened_it()
    {
        await using var app = await StartAsync(ApiScope.None);
        using var http = Client(app);
        var session = await LoginAsync(http, Reader);
        await using var stream = await http.GetStreamAsync("/stream", Cancellation);
        using var reader = new StreamReader(stream);
        Assert.AreEqual(":", await reader.ReadLineAsync(Cancellation));
        using var other = Client(app);
        other.DefaultRequestHeaders.Add("X-CSRF-Token", (await LoginAsync(other, Reader)).GetProperty("csrfToken").GetString());
        Assert.AreEqual(HttpStatusCode.NoContent, (await other.DeleteAsync("/api/v1/session", Cancellation)).StatusCode);
        var rest = reader.ReadToEndAsync(Cancellation);
        Assert.IsFalse(rest.IsCompleted, "another's session has ended");
        http.DefaultRequestHeaders.Add("X-CSRF-Token", session.GetProperty("csrfToken").GetString());
        Assert.AreEqual(HttpStatusCode.NoContent, (await http.DeleteAsync("/api/v1/session", Cancellation)).StatusCode);
        Assert.AreEqual("\n", await rest);
    }

    [TestMethod]
    public async Task A_browser_that_may_read_may_not_order()
    {
        await using var app = await StartAsync(ApiScope.None);
        using var http = Client(app);
        var session = await LoginAsync(http, Reader);
        http.DefaultRequestHeaders.Add("X-CSRF-Token", session.GetProperty("csrfToken").GetString());
        Assert.AreEqual(HttpStatusCode.Forbidden, (await http.PostAsync("/order", null, Cancellation)).StatusCode);
    }

    [TestMethod]
    public async Task The_cookie_is_no_business_of_scripts_and_other_sites()
    {
        await using var app = await StartAsync(ApiScope.None);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { BaseAddress = new Uri(app.Urls.Single()) };
        using var answer = await http.PostAsJsonAsync("/api/v1/session", new { token = Operator }, Cancellation);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        StringAssert.Contains(cookie, "httponly", StringComparison.Ordinal);
        StringAssert.Contains(cookie, "samesite=strict", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("cross-site", 403)]
    [DataRow("same-site", 403)]
    [DataRow("same-origin", 200)]
    [DataRow("none", 200, DisplayName = "none: the user typed it")]
    public async Task What_another_site_makes_a_browser_order_is_refused_also_where_anybody_may(string site, int status)
    {
        await using var app = await StartAsync(ApiScope.Operate);
        using var http = Client(app);
        http.DefaultRequestHeaders.Add("Sec-Fetch-Site", site);
        Assert.AreEqual(status, (int)(await http.PostAsync("/order", null, Cancellation)).StatusCode);
        Assert.AreEqual(HttpStatusCode.OK, (await http.GetAsync("/read", Cancellation)).StatusCode);
    }

    [TestMethod]
    [DataRow("""{"token":"wrong"}""", 401)]
    [DataRow("""{"token":null}""", 401)]
    [DataRow("""{}""", 401)]
    [DataRow("""{"token":7}""", 400)]
    [DataRow("""{"token":""", 400)]
    [DataRow("", 400)]
    public async Task A_login_that_is_none_is_refused(string body, int status)
    {
        await using var app = await StartAsync(ApiScope.None);
        using var http = Client(app);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync("/api/v1/session", content, Cancellation);
        Assert.AreEqual(status, (int)answer.StatusCode);
        Assert.AreEqual("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [TestMethod]
    public void Sessions_end_and_are_bounded()
    {
        var time = new FakeTime();
        var store = new SessionStore(time);
        var token = new ApiToken("olga", ApiScope.Operate, []);
        var (first, session) = store.Open(token);
        Assert.AreEqual(session, store.Find(first));
        time.Now += TimeSpan.FromHours(13);
        Assert.IsNull(store.Find(first));
        var (second, _) = store.Open(token);
        for (var i = 0; i < 1000; i++)
        {
            time.Now += TimeSpan.FromMilliseconds(1);
            store.Open(token);
        }
        Assert.IsTrue(session.Ended.IsCancellationRequested, "so do its streams");
        Assert.IsNull(store.Find(second), "the oldest made way");
        Assert.IsNull(store.Find(null));
    }

    private CancellationToken Cancellation => TestContext.CancellationToken;

    private async Task<JsonElement> LoginAsync(HttpClient http, string token)
    {
        using var answer = await http.PostAsJsonAsync("/api/v1/session", new { token }, Cancellation);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    private static HttpClient Client(WebApplication app) => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(app.Urls.Single()) };

    private async Task<WebApplication> StartAsync(ApiScope anonymous)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddProblems();
        builder.Services.AddAccess(new ApiOptions(
            anonymous, [new ApiToken("ron", ApiScope.Read, ApiOptions.DigestOf(Reader)), new ApiToken("olga", ApiScope.Operate, ApiOptions.DigestOf(Operator))], null, null));
        var app = builder.Build();
        app.UseProblems();
        app.UseAccess();
        app.MapGroup("/api/v1").MapSession();
        app.MapGet("/stream", (HttpContext http, IHostApplicationLifetime lifetime) => EventStream.Send(http, lifetime, Endless)).RequireAuthorization(AccessRules.Read);
        app.MapGet("/read", () => "read").RequireAuthorization(AccessRules.Read);
        app.MapPost("/order", () => "ordered").RequireAuthorization(AccessRules.Operate);
        await app.StartAsync(Cancellation);
        return app;
    }

    private static async IAsyncEnumerable<SseItem<JsonObject>?> Endless([EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return null;
        await Task.Delay(Timeout.Infinite, cancellation);
    }

    private sealed class FakeTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
