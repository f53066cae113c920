using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.Playwright.Assertions;

namespace Appliance.Tests.Lab.Dashboard;

/// <summary>A node dies, then the gateway's program: what is wrong can be seen, at a desk, on a phone, without a mouse, and with a screen reader.</summary>
[TestClass]
public sealed class TroubleTests : DashboardTest
{
    private const int Connections = 50;

    private static readonly BrowserNewContextOptions s_phone = new()
    {
        ViewportSize = new() { Width = 360, Height = 740 }, IsMobile = true, HasTouch = true, ColorScheme = ColorScheme.Dark,
    };

    [TestMethod]
    public async Task Everybody_sees_what_is_wrong_and_what_can_be_done()
    {
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        var (desk, phone) = (await OpenAsync(), await OpenAsync(s_phone));
        await desk.ShowsProtectedAsync(Connections);
        var living = await desk.HolderAsync();
        var dead = LabNames.Peer(living);
        await MoveByKeyboardAsync(desk);
        await desk.ShowsAsync(dead, "active");
        await desk.ShowsProtectedAsync(Connections);

        await FaultAsync(FaultKind.Crash, LabNames.Of(dead));
        foreach (var page in new[] { desk, phone })
        {
            await page.ShowsAsync(dead, "down");
            await page.ShowsAsync(living, "active");
            await Expect(page["health"]).ToHaveAttributeAsync("data-level", "bad");
            await Expect(page["issues"]).ToContainTextAsync($"{LabNames.Of(dead)} is down");
            await Expect(page["failover-planned"]).ToHaveAttributeAsync("aria-disabled", "true");
            await Expect(page["orders-reason"]).ToContainTextAsync("There is no replica");
        }

        CollectionAssert.AreEquivalent(
            new[] { "lastHeard", "decided", "fenced", "ordered", "received", "firstSegment" }, (await desk.PhasesAsync("activeSilent")).ToList());
        await AskAgentsAsync(desk, LabNames.Of(living), LabNames.Of(dead));
        await PictureAsync(phone, "dashboard-phone", ColorScheme.Dark);
        await PictureAsync(desk, "dashboard-timeline", ColorScheme.Light, "timeline");
        await Accessibility.AssertFitsAsync(phone.Page);
        await Accessibility.AssertConformsAsync(phone.Page);
        await Accessibility.AssertConformsAsync(desk.Page);
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);

        await FaultAsync(FaultKind.Crash, "gateway");
        await Expect(desk["connection-banner"]).ToContainTextAsync("does not answer");
        await Accessibility.AssertConformsAsync(desk.Page);
        await FaultAsync(FaultKind.Heal, "gateway");
        await Expect(desk["connection-banner"]).ToHaveCountAsync(0);
        await Expect(desk["event-log"]).ToContainTextAsync("The gateway was restarted");
        await Expect(desk["stream-state"]).ToHaveAttributeAsync("data-state", "open");
        await desk.ShowsAsync(living, "active");
    }

    /// <summary>The theme, then a switchover; the dialog begins where nothing happens.</summary>
    private static async Task MoveByKeyboardAsync(DashboardPage page)
    {
        await Accessibility.TabToAsync(page.Page, "theme-toggle");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await Expect(page.Page.Locator("html")).ToHaveCSSAsync("color-scheme", "dark");
        await page.Page.Keyboard.PressAsync("Enter"); // as the system has it

        await Accessibility.TabToAsync(page.Page, "failover-planned");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page["confirm-cancel"]).ToBeFocusedAsync();
        await Accessibility.AssertConformsAsync(page.Page);
        await page.Page.Keyboard.PressAsync("Tab");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page["latest-operation"]).ToHaveAttributeAsync("data-state", "succeeded");
        await Expect(page["failover-planned"]).ToBeFocusedAsync();
    }

    /// <summary>The agents' own interfaces: the living one tells, of the dead one it is said that it does not.</summary>
    private static async Task AskAgentsAsync(DashboardPage page, string living, string dead)
    {
        await page[$"agent-{living}"].ClickAsync();
        await Expect(page[$"agent-says-{living}"]).ToHaveAttributeAsync("data-role", "active");
        await page[$"agent-{dead}"].ClickAsync();
        await Expect(page[$"agent-problem-{dead}"]).ToContainTextAsync("it does not answer");
    }
}
