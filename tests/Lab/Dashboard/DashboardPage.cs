using System.Collections.Concurrent;
using Appliance.Lab.Topology;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.Playwright.Assertions;

namespace Appliance.Tests.Lab.Dashboard;

/// <summary>A window with the dashboard, as a person sees and uses it.</summary>
internal sealed class DashboardPage
{
    private readonly Uri _gateway;
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentQueue<string> _strangers = new();

    /// <summary>Watches a window from before it shows anything.</summary>
    public DashboardPage(IPage page, Uri gateway)
    {
        (Page, _gateway) = (page, gateway);
        page.PageError += (_, error) => _errors.Enqueue(error);
        page.Console += (_, message) => NoteConsole(message);
        page.Request += (_, request) => NoteRequest(new Uri(request.Url));
    }

    /// <summary>The window.</summary>
    public IPage Page { get; }

    /// <summary>What carries a <c>data-test</c>, in whatever shadow tree.</summary>
    public ILocator this[string test] => Page.GetByTestId(test);

    /// <summary>Goes there; the browser is told to let the page have nothing from elsewhere.</summary>
    public async Task OpenAsync()
    {
        var answer = await Page.GotoAsync(_gateway.AbsoluteUri, new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        StringAssert.Contains(answer!.Headers["content-security-policy"], "default-src 'self'");
    }

    /// <summary>The node that the topology shows as holding the service: on a busy machine not always the first one.</summary>
    public async Task<LabHost> HolderAsync()
    {
        var name = await Page.Locator("[data-test^=topology-node-][data-role=active] .name").InnerTextAsync();
        return LabNames.Nodes.Single(node => LabNames.Of(node) == name.Trim());
    }

    /// <summary>Waits until the topology shows a node in a role.</summary>
    public Task ShowsAsync(LabHost node, string role) => Expect(this[$"topology-node-{LabNames.Of(node)}"]).ToHaveAttributeAsync("data-role", role);

    /// <summary>Waits until so many connections are shown as protected, and none as anything else.</summary>
    public async Task ShowsProtectedAsync(int connections)
    {
        await Expect(this["count-protected"]).ToHaveTextAsync($"{connections}");
        foreach (var state in new[] { "repairing", "unprotected", "diverged" })
        {
            await Expect(this[$"count-{state}"]).ToHaveTextAsync("0");
        }
    }

    /// <summary>Logs in.</summary>
    public async Task LogInAsync(string token)
    {
        await this["login-token"].FillAsync(token);
        await this["login-submit"].ClickAsync();
    }

    /// <summary>Presses an order's button, and confirms what the dialog says of it.</summary>
    public async Task OrderAsync(string button)
    {
        var operations = await this["operation"].CountAsync();
        await this[button].ClickAsync();
        await this["confirm"].ClickAsync();
        await Expect(this["confirm-dialog"]).ToBeHiddenAsync();
        await Expect(this["operation"]).ToHaveCountAsync(operations + 1);
        await Expect(this["latest-operation"]).ToHaveAttributeAsync("data-state", "succeeded");
    }

    /// <summary>The phases of the latest change with a cause, once the new active node has told all of its takeover.</summary>
    public async Task<IReadOnlyList<string>> PhasesAsync(string cause)
    {
        var entry = Page.Locator($"[data-test=timeline-entry][data-cause={cause}]").First;
        await Expect(entry.GetByTestId("mark-firstSegment")).ToBeVisibleAsync();
        return await entry.Locator("tr[data-test]").EvaluateAllAsync<string[]>("rows => rows.map(row => row.dataset.test.replace('mark-', ''))");
    }

    /// <summary>Asserts that no script failed, that nothing was refused by the policy of the page, and that nobody but the gateway was asked.</summary>
    public void AssertClean()
    {
        Assert.IsEmpty(_errors, string.Join('\n', _errors));
        Assert.IsEmpty(_strangers, string.Join('\n', _strangers));
    }

    /// <summary>That a gateway which is down does not answer is no error of the page.</summary>
    private void NoteConsole(IConsoleMessage message)
    {
        if (message.Type is "error" or "warning" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
        {
            _errors.Enqueue(message.Text);
        }
    }

    private void NoteRequest(Uri url)
    {
        if (url.Authority != _gateway.Authority)
        {
            _strangers.Enqueue(url.AbsoluteUri);
        }
    }
}
