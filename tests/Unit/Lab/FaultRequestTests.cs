using Appliance.Lab.Faults;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Lab;

[TestClass]
public sealed class FaultRequestTests
{
    [TestMethod]
    [DataRow("crash", FaultKind.Crash)]
    [DataRow("cut", FaultKind.Cut)]
    [DataRow("kill-app", FaultKind.KillApp)]
    [DataRow("hang-app", FaultKind.HangApp)]
    [DataRow("heal", FaultKind.Heal)]
    public void Reads_faults_with_a_target(string name, FaultKind kind)
    {
        Assert.IsTrue(FaultRequest.TryParse(name, ["node1"], out var request, out _));
        Assert.AreEqual(new FaultRequest(kind, "node1"), request);
    }

    [TestMethod]
    public void Reads_how_long_a_hang_lasts()
    {
        Assert.IsTrue(FaultRequest.TryParse("hang-app", ["primary", "1.5"], out var request, out _));
        Assert.AreEqual(TimeSpan.FromMilliseconds(1500), request.Duration);
    }

    [TestMethod]
    public void Aims_loss_at_the_backup()
    {
        Assert.IsTrue(FaultRequest.TryParse("tap-loss", ["5%"], out var request, out _));
        Assert.AreEqual(new FaultRequest(FaultKind.TapLoss, FaultRequest.Backup) { BasisPoints = 500 }, request);
    }

    [TestMethod]
    [DataRow("crash", "", "Usage: fault crash NODE|gateway")]
    [DataRow("cut", "node1 node2", "Usage: fault cut NODE")]
    [DataRow("hang-app", "node1 long", "Usage: fault hang-app NODE [SECONDS]")]
    [DataRow("tap-loss", "200%", "Usage: fault tap-loss SHARE, for example 5%")]
    public void Says_how_a_fault_is_used(string name, string arguments, string expected)
    {
        var list = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.IsFalse(FaultRequest.TryParse(name, list, out _, out var error));
        Assert.AreEqual(expected, error);
    }

    [TestMethod]
    public void Names_the_faults_when_asked_for_another()
    {
        Assert.IsFalse(FaultRequest.TryParse("explode", ["node1"], out _, out var error));
        StringAssert.Contains(error, "'explode' is no fault");
    }
}
