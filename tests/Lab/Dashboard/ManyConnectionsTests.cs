using Appliance.Lab;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.Playwright.Assertions;

namespace Appliance.Tests.Lab.Dashboard;

/// <summary>
/// A gateway with ten thousand connections: its page comes at once, and does not freeze. What was measured is in the test's output; on a
/// machine that carries clients, gateway, both nodes and the browser, only a page that stands still is a failure.
/// </summary>
[TestClass]
public sealed class ManyConnectionsTests : DashboardTest
{
    private const int Connections = 10_000;
    private const double Frozen = 1000;

    /// <summary>From now on, and what was before.</summary>
    private const string WatchTasks = """
        () => {
          globalThis.longTasks = [];
          new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask', buffered: true });
        }
        """;

    private const string FirstPaint = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime";

    private const string Files = "() => performance.getEntriesByType('resource').filter(({ name }) => name.includes('/assets/')).map(({ encodedBodySize }) => encodedBodySize)";

    /// <inheritdoc/>
    protected override LabOptions Options => new() { DetectionTimeout = TimeSpan.FromSeconds(1) };

    [TestMethod]
    public async Task Ten_thousand_connections_are_listed_and_searched_and_the_page_stays_alive()
    {
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--think-ms", "20000", "--wait-stop");
        await GatewayUntilAsync(gateway => gateway.Flows == Connections, "all are connected", TimeSpan.FromSeconds(60));

        var page = await OpenAsync();
        await page.HolderAsync();
        var shown = await page.Page.EvaluateAsync<double>("() => performance.now()");
        await page.Page.EvaluateAsync(WatchTasks);
        await BrowseAsync(page);

        var tasks = await page.Page.EvaluateAsync<double[]>("() => longTasks");
        var files = await page.Page.EvaluateAsync<int[]>(Files);
        TestContext.WriteLine($"first paint after {await page.Page.EvaluateAsync<double>(FirstPaint):0} ms, topology within {shown:0} ms");
        TestContext.WriteLine($"{files.Length} files of together {files.Sum()} bytes");
        TestContext.WriteLine($"{tasks.Length} tasks over 50 ms, longest {tasks.DefaultIfEmpty().Max():0} ms");
        Assert.IsLessThan(Frozen, tasks.DefaultIfEmpty().Max(), "the longest that the page stood still, in ms");
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);
    }

    private static async Task BrowseAsync(DashboardPage page)
    {
        await page["flows"].ScrollIntoViewIfNeededAsync();
        await Expect(page["flows-total"]).ToHaveTextAsync("10,000 open");
        await page["flows-limit"].SelectOptionAsync("500");
        await Expect(page["flow"]).ToHaveCountAsync(500);
        await page["sort-idle"].ClickAsync();
        await page["flows-last"].ClickAsync();
        await Expect(page["flows-range"]).ToHaveTextAsync("9,501 to 10,000 of 10,000");
        await page["flows-previous"].ClickAsync();
        await Expect(page["flows-range"]).ToHaveTextAsync("9,001 to 9,500 of 10,000");
        await page["flows-state"].SelectOptionAsync("diverged");
        await Expect(page["flows-total"]).ToHaveTextAsync("0 match");
        await page["flows-state"].SelectOptionAsync("");

        var address = await page["flow"].First.Locator("td").First.InnerTextAsync();
        var client = address.Split('→')[0].Trim();
        await page["flows-search"].FillAsync($"{client}->");
        await Expect(page["flows-total"]).ToHaveTextAsync("1 match");
    }
}
