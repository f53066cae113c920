using Appliance.Host.Checks;
using Appliance.Lab.State;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using CheckReport = Appliance.Tests.Lab.Support.CheckReport;

namespace Appliance.Tests.Lab.Product;

/// <summary><c>appliance check</c> beside running programs: it takes their hooks and ports for what they are, and disturbs nothing.</summary>
[TestClass]
public sealed class RunningCheckTests : ApplianceTest
{
    [TestMethod]
    public async Task All_is_well_on_every_machine_of_a_running_appliance()
    {
        var before = await GatewayUntilAsync(gateway => gateway.Ready, "both nodes take part");
        foreach (var host in new[] { LabHost.Gateway, LabHost.Node1, LabHost.Node2 })
        {
            var result = await Lab.RunAsync(host, [Tool, "check", "--json", "--config", new LabPaths(Lab.Name).Configuration(host)], cancellation: Cancellation);
            var report = CheckReport.Of(result);
            Assert.AreEqual((0, string.Empty, string.Empty), (report.ExitCode, report.Of(Severity.Warning), report.Of(Severity.Error)));
        }
        Assert.AreEqual(before.Epoch, (await GatewayUntilAsync(gateway => gateway.Ready, "both nodes still take part")).Epoch);
    }

    [TestMethod]
    public async Task People_get_a_table()
    {
        var result = await Lab.RunAsync(LabHost.Node1, [Tool, "check", "--config", new LabPaths(Lab.Name).Configuration(LabHost.Node1)], cancellation: Cancellation);
        StringAssert.Contains(result.Output, "│ programs           │ ok      │ the kernel accepts them", StringComparison.Ordinal);
        StringAssert.EndsWith(result.Output, "appliance-primary-node can be started here.\n", StringComparison.Ordinal);
    }
}
