using Appliance.Lab.Daemons;
using Appliance.Lab.Processes;

namespace Appliance.Tests.Unit.Dashboard;

/// <summary>The dashboard's own tests, which Node.js runs: what its page says and draws of what the gateway tells.</summary>
[TestClass]
public sealed class DashboardModelTests
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(DaemonProgram.DefaultPrograms(), "..", "..", "gateway", "Dashboard"));

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task All_of_them_pass()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
        {
            Assert.Inconclusive("The gateway was built without its dashboard: the build says why.");
        }
        var (exitCode, output, error) = await CommandRunner.RunAsync(["npm", "--prefix", Folder, "test"], timeout: TimeSpan.FromMinutes(1), cancellation: TestContext.CancellationToken);
        Assert.AreEqual(0, exitCode, output + error);
        StringAssert.Matches(output, new("^# pass [1-9]", System.Text.RegularExpressions.RegexOptions.Multiline));
    }
}
