using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Lab;

[TestClass]
public sealed class FaultRecordTests
{
    [TestMethod]
    public void A_fault_with_an_end_is_over_then()
    {
        var hang = new FaultRecord(FaultKind.HangApp, LabHost.Node1, 100, 110) { Active = true, UntilNs = 1100 };
        Assert.IsTrue(hang.IsActiveAt(1099));
        Assert.IsFalse(hang.IsActiveAt(1100));
        Assert.IsFalse((hang with { Active = false }).IsActiveAt(500));
    }

    [TestMethod]
    public void A_fault_without_an_end_lasts()
    {
        var cut = new FaultRecord(FaultKind.Cut, LabHost.Node1, 100, 110) { Active = true };
        Assert.IsTrue(cut.IsActiveAt(long.MaxValue));
    }

    [TestMethod]
    public void A_new_loss_takes_the_place_of_the_one_before()
    {
        var cut = new FaultRecord(FaultKind.Cut, LabHost.Node1, 1, 2) { Active = true };
        var five = new FaultRecord(FaultKind.TapLoss, LabHost.Node2, 3, 4) { Active = true, BasisPoints = 500 };
        var none = new FaultRecord(FaultKind.TapLoss, LabHost.Node2, 5, 6) { Active = false, BasisPoints = 0 };

        var history = FaultHistory.Add([cut, five], none);

        Assert.HasCount(3, history);
        CollectionAssert.AreEqual(new[] { true, false, false }, history.Select(fault => fault.Active).ToArray());
    }
}
