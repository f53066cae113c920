using Appliance.Lab.Faults;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Lab;

[TestClass]
public sealed class TapLossRulesTests
{
    [TestMethod]
    public void Loses_a_share_of_what_goes_to_the_replica_from_or_to_the_service_address()
    {
        var rules = TapLossRules.Ruleset("n2", 500);
        StringAssert.Contains(rules, "hook egress device \"n2\"");
        StringAssert.Contains(rules, "ip daddr 10.0.2.100 numgen random mod 10000 < 500 counter drop");
        StringAssert.Contains(rules, "ip6 saddr fd00:2::100 numgen random mod 10000 < 500 counter drop");
    }

    [TestMethod]
    public void Needs_no_dice_to_lose_everything()
    {
        var rules = TapLossRules.Ruleset("n1", 10_000);
        StringAssert.Contains(rules, "ip daddr 10.0.2.100 counter drop");
        Assert.DoesNotContain("numgen", rules);
    }

    [TestMethod]
    public void Losing_nothing_leaves_no_rules()
    {
        const string Expected = "add table netdev appliance_lab_tap\ndelete table netdev appliance_lab_tap\n";
        Assert.AreEqual(Expected, TapLossRules.Ruleset("n2", 0));
    }
}
