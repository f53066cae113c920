using Appliance.Tests.Lab.Support;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.Playwright.Assertions;

namespace Appliance.Tests.Lab.Dashboard;

/// <summary>A test of the dashboard that the lab's own gateway serves, in a real browser.</summary>
public abstract class DashboardTest : TrafficTest
{
    /// <summary>A directory, for whoever wants the documents' pictures made anew.</summary>
    private static readonly string? s_pictures = Environment.GetEnvironmentVariable("APPLIANCE_SCREENSHOTS");

    private readonly List<DashboardPage> _pages = [];
    private Chromium? _chromium;

    [TestInitialize]
    public async Task StartBrowser()
    {
        SetDefaultExpectTimeout((float)Patience.TotalMilliseconds);
        _chromium = await Chromium.StartAsync();
    }

    [TestCleanup]
    public async Task EndBrowser()
    {
        try
        {
            if (TestContext.CurrentTestOutcome == UnitTestOutcome.Passed)
            {
                _pages.ForEach(page => page.AssertClean());
            }
            else if (_pages is [.., var last])
            {
                await last.Page.ScreenshotAsync(new() { Path = Path.Combine(TestContext.TestResultsDirectory!, $"{TestContext.TestName}.png"), FullPage = true });
                TestContext.WriteLine($"the page says:\n{await last.Page.Locator("body").AriaSnapshotAsync()}");
            }
        }
        finally
        {
            await (_chromium?.DisposeAsync() ?? default);
        }
    }

    /// <summary>Opens the dashboard in a window of its own.</summary>
    private protected async Task<DashboardPage> OpenAsync(BrowserNewContextOptions? options = null)
    {
        var page = new DashboardPage(await _chromium!.OpenAsync(options), Lab.ApiUrl);
        _pages.Add(page);
        await page.OpenAsync();
        return page;
    }

    /// <summary>Takes a picture for the documents, if somebody wants one, of the window or of a part of it.</summary>
    private protected async Task PictureAsync(DashboardPage page, string name, ColorScheme scheme, string? part = null)
    {
        if (s_pictures is null)
        {
            return;
        }
        await page.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
        var path = Path.Combine(s_pictures, $"{name}.png");
        await (part is null ? page.Page.ScreenshotAsync(new() { Path = path }) : page[part].ScreenshotAsync(new() { Path = path }));
    }

    /// <summary>Lets the curves get a past, before pictures of them.</summary>
    private protected Task PoseAsync() => s_pictures is null ? Task.CompletedTask : Task.Delay(TimeSpan.FromSeconds(60), Cancellation);
}
