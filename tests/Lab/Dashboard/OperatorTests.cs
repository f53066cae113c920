using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.Playwright.Assertions;

namespace Appliance.Tests.Lab.Dashboard;

/// <summary>Somebody with a token moves the service. Nobody without one is told anything, the test included: what it knows, it knows from the page.</summary>
[TestClass]
public sealed class OperatorTests : DashboardTest
{
    private const int Connections = 50;
    private const int RedisPort = 6391;
    private const string Token = "correct-horse-battery-staple";

    private static readonly string[] s_phases = ["decided", "fenced", "ordered", "received", "firstSegment"];

    /// <inheritdoc/>
    protected override LabOptions Options => base.Options with { ConfigurationFile = Keep(new ConfigurationOverlay(Configuration)).Path };

    private string Configuration => $$"""
        api: { anonymous: none, tokens: [ { name: alice, scope: operate, secretFile: {{Keep(new ConfigurationOverlay(Token)).Path}} } ] }
        recorder: { policy: full, redis: "127.0.0.1:{{RedisPort}}", timeout: 1s }
        """;

    [TestMethod]
    public async Task The_service_moves_in_good_order_and_by_force_with_Redis_and_without_and_no_connection_is_lost()
    {
        var redis = StartRedis();
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        var page = await OpenAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        await LogInAsync(page);
        await page.ShowsProtectedAsync(Connections);
        var first = await page.HolderAsync();
        var second = LabNames.Peer(first);
        await page.ShowsAsync(second, "replica");

        await page["failover-planned"].ClickAsync();
        await Expect(page["confirm-cost"]).ToHaveAttributeAsync("data-cost", "0");
        await PictureAsync(page, "dashboard-confirm", ColorScheme.Light, "confirm-dialog");
        await page["confirm-cancel"].ClickAsync();
        await page.OrderAsync("failover-planned");
        await page.ShowsAsync(second, "active");
        await page.ShowsAsync(first, "replica");
        CollectionAssert.AreEquivalent(s_phases, (await page.PhasesAsync("planned")).ToList());
        await page.ShowsProtectedAsync(Connections);

        redis.Signal(UnixSignal.Kill);
        await Expect(page["store"]).ToHaveAttributeAsync("data-state", "degraded");
        await Expect(page["issues"]).ToContainTextAsync("Store degraded");
        await page.OrderAsync("failover-forced");
        await page.ShowsAsync(first, "active");
        CollectionAssert.AreEquivalent(s_phases, (await page.PhasesAsync("forced")).ToList());
        await page.ShowsAsync(second, "replica");
        StartRedis();
        await Expect(page["store"]).ToHaveAttributeAsync("data-state", "ready");
        await PoseAsync();
        await PictureAsync(page, "dashboard-light", ColorScheme.Light);
        await PictureAsync(page, "dashboard-dark", ColorScheme.Dark);
        StringAssert.EndsWith(await SaveRecordingAsync(page), ".pcap");
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);

        await FaultAsync(FaultKind.Crash, "gateway");
        await FaultAsync(FaultKind.Heal, "gateway");
        await Expect(page["login-dialog"]).ToBeVisibleAsync(); // it has forgotten who was there
        await page.LogInAsync(Token);
        await Expect(page["session"]).ToContainTextAsync("alice");
        await page["log-out"].ClickAsync();
        await Expect(page["login-dialog"]).ToBeVisibleAsync();
        await Expect(page["topology"]).ToHaveCountAsync(0);
    }

    private static async Task LogInAsync(DashboardPage page)
    {
        await page.LogInAsync("guessed");
        await Expect(page["login-problem"]).ToBeVisibleAsync();
        await Expect(page["topology"]).ToHaveCountAsync(0);
        await page.LogInAsync(Token);
        await Expect(page["session"]).ToContainTextAsync("alice");
    }

    private static async Task<string> SaveRecordingAsync(DashboardPage page)
    {
        await page["flows"].ScrollIntoViewIfNeededAsync();
        return (await page.Page.RunAndWaitForDownloadAsync(() => page["flow"].First.GetByRole(AriaRole.Link).ClickAsync())).SuggestedFilename;
    }

    private LabProcess StartRedis()
    {
        var program = DebianServer.Require("/usr/bin/redis-server", "redis-server");
        return Keep(Lab.StartProcess(LabHost.Gateway, [program, "--port", $"{RedisPort}", "--save", "", "--appendonly", "no"], LogOf(LabHost.Gateway, "redis")));
    }
}
