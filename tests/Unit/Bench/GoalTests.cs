using Appliance.Bench.Report;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Bench;

[TestClass]
public sealed class GoalTests
{
    [TestMethod]
    [DataRow(60.0, true)]
    [DataRow(59.9, true)]
    [DataRow(60.1, false)]
    [DataRow(double.NaN, false)]
    public void A_ceiling_is_itself_allowed(double measured, bool met) =>
        Assert.AreEqual(met, Goal.AtMost("gap", measured, 60, "ms").IsMet);

    [TestMethod]
    [DataRow(0.65, true)]
    [DataRow(0.7, true)]
    [DataRow(0.64, false)]
    [DataRow(double.NaN, false)]
    public void A_floor_is_itself_allowed(double measured, bool met) =>
        Assert.AreEqual(met, Goal.AtLeast("ratio", measured, 0.65).IsMet);

    [TestMethod]
    public void What_must_never_happen_is_required()
    {
        Assert.IsTrue(Goal.None("lost", 0) is { IsMet: true, IsRequired: true });
        Assert.IsFalse(Goal.None("lost", 1).IsMet);
        Assert.IsFalse(Goal.AtMost("gap", 1, 60).IsRequired);
    }

    [TestMethod]
    public void What_was_not_measured_is_not_reached()
    {
        var goal = Goal.AtMost("gap", null, 60, "ms");
        Assert.IsFalse(goal.IsMet);
        Assert.AreEqual("not measured", goal.Outcome);
    }

    [TestMethod]
    public void Is_shown_with_its_unit()
    {
        var goal = Goal.AtMost("gap", 51.26, 60, "ms");
        Assert.AreEqual("≤ 60 ms", goal.Target);
        Assert.AreEqual("51.3 ms", goal.Outcome);
        Assert.AreEqual("≥ 1.5", Goal.AtLeast("ratio", 2, 1.5).Target);
    }

    [TestMethod]
    [DataRow(0.0, "0")]
    [DataRow(0.0123, "0.012")]
    [DataRow(0.65, "0.65")]
    [DataRow(1.5, "1.5")]
    [DataRow(9.876, "9.88")]
    [DataRow(51.26, "51.3")]
    [DataRow(3096.4, "3,096")]
    [DataRow(double.NaN, "–")]
    public void Numbers_have_about_three_digits(double value, string expected) => Assert.AreEqual(expected, Format.Number(value));
}
