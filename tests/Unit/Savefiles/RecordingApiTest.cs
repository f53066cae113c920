using Appliance.Configuration;
using Appliance.Gateway.Api;
using Appliance.Gateway.Api.Access;
using Appliance.Gateway.Api.Savefiles;
using Appliance.Gateway.Recording;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Appliance.Tests.Unit.Savefiles;

/// <summary>A test with the gateway's recordings behind HTTP, on a port of its own.</summary>
public abstract class RecordingApiTest : IAsyncDisposable
{
    private readonly WebApplication _app;

    protected RecordingApiTest()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddProblems();
        builder.Services.AddAccess(new ApiOptions(ApiScope.Read, [], null, null));
        builder.Services.AddSingleton<IRecordings>(Recordings);
        _app = builder.Build();
        _app.UseProblems();
        _app.UseAccess();
        _app.MapGroup("/api/v1").MapRecordings();
    }

    public TestContext TestContext { get; set; } = null!;

    protected CancellationToken Cancellation => TestContext.CancellationToken;

    internal HeldRecordings Recordings { get; } = new();

    protected Uri ApiUrl { get; private set; } = null!;

    protected HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false });

    [TestInitialize]
    public async Task StartAsync()
    {
        await _app.StartAsync(Cancellation);
        ApiUrl = new Uri(_app.Urls.Single());
        Http.BaseAddress = ApiUrl;
    }

    /// <summary>Ends the gateway in order.</summary>
    protected Task StopAsync() => _app.StopAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal static RecordedPiece Piece(long offset, string text, bool fin = false) =>
        new(offset, 5001, fin, (ulong)(2_000_000_000 + offset), System.Text.Encoding.ASCII.GetBytes(text));
}
