using Appliance.Lab.Daemons;
using Appliance.Tests.Lab.Support;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Dashboard;

/// <summary>Debian's Chromium, without a screen, and without its own errands in the network.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] s_flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <summary>Starts it; ends the test without a verdict when it is not installed, or the gateway was built without a dashboard.</summary>
    public static async Task<Chromium> StartAsync()
    {
        var program = DebianServer.Require("/usr/bin/chromium", "chromium");
        if (!File.Exists(Path.Combine(DaemonProgram.DefaultPrograms(), "Appliance.Gateway", "release", "wwwroot", "index.html")))
        {
            Assert.Inconclusive("The gateway was built without its dashboard: the build says why.");
        }

        var playwright = await Playwright.CreateAsync();
        playwright.Selectors.SetTestIdAttribute("data-test");
        return new Chromium(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = s_flags }));
    }

    /// <summary>A window of a person who was never here before.</summary>
    public async Task<IPage> OpenAsync(BrowserNewContextOptions? options = null) => await (await _browser.NewContextAsync(options)).NewPageAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
