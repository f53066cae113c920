using Appliance.Lab.Daemons;
using Microsoft.Playwright;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Dashboard;

/// <summary>What axe-core, and a person without a mouse or with a small screen, find on a page.</summary>
internal static class Accessibility
{
    private const int MostTabs = 60;

    private const string FocusedTest = """
        () => {
          let element = document.activeElement;
          while (element?.shadowRoot?.activeElement) {
            element = element.shadowRoot.activeElement;
          }
          return element?.dataset.test ?? '';
        }
        """;

    private const string Violations =
        "async () => (await axe.run()).violations.flatMap(({ help, nodes }) => nodes.map(({ target, failureSummary }) => `${help}: ${target}: ${failureSummary}`))";

    private static readonly string s_axe = Path.Combine(
        DaemonProgram.DefaultPrograms(), "..", "..", "gateway", "Dashboard", "node_modules", "axe-core", "axe.min.js");

    /// <summary>Asserts that no rule of WCAG 2.2 AA which a program can check is broken, in light and in dark.</summary>
    public static async Task AssertConformsAsync(IPage page)
    {
        await page.EvaluateAsync(await File.ReadAllTextAsync(s_axe));
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
            var violations = await page.EvaluateAsync<string[]>(Violations);
            Assert.IsEmpty(violations, $"{scheme}:\n{string.Join('\n', violations)}");
        }
    }

    /// <summary>Asserts that all of a page can be read without moving it sideways.</summary>
    public static async Task AssertFitsAsync(IPage page)
    {
        var (wanted, there) = (await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"), await page.EvaluateAsync<int>("() => innerWidth"));
        Assert.IsLessThanOrEqualTo(there, wanted, "width of the page");
    }

    /// <summary>Presses Tab until the focus is where it is wanted.</summary>
    public static async Task TabToAsync(IPage page, string test)
    {
        for (var i = 0; i < MostTabs; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<string>(FocusedTest) == test)
            {
                return;
            }
        }

        Assert.Fail($"{test} is not reached within {MostTabs} tabs");
    }
}
