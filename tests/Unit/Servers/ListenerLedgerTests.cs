using Appliance.ControlPlane;
using Appliance.Node.Servers;

namespace Appliance.Tests.Unit.Servers;

[TestClass]
public sealed class ListenerLedgerTests
{
    private readonly ListenerLedger _ledger = new();

    [TestMethod]
    public void What_has_never_listened_has_not_ended()
    {
        Assert.IsEmpty(_ledger.Update(new HashSet<int>()));
        Assert.IsEmpty(_ledger.Update(new HashSet<int> { 80 }));
        Assert.AreEqual(0UL, _ledger.Ended);
    }

    [TestMethod]
    public void A_listener_that_is_gone_has_ended_until_it_is_back()
    {
        _ledger.Update(new HashSet<int> { 80, 5432 });
        Assert.IsFalse(_ledger.IsInDoubt);
        Assert.IsEmpty(_ledger.Update(new HashSet<int> { 80 }), "it may only have been missed");
        Assert.IsTrue(_ledger.IsInDoubt);
        CollectionAssert.AreEqual(new[] { 5432 }, _ledger.Update(new HashSet<int> { 80 }).ToArray());
        Assert.AreEqual(ServerCondition.BitOf(5432), _ledger.Ended);
        Assert.IsFalse(_ledger.IsInDoubt);
        Assert.IsEmpty(_ledger.Update(new HashSet<int> { 80 }), "told once");
        CollectionAssert.AreEqual(new[] { 5432 }, _ledger.Update(new HashSet<int> { 80, 5432 }).ToArray());
        Assert.AreEqual(0UL, _ledger.Ended);
    }

    [TestMethod]
    public void Ports_that_share_a_bit_end_together()
    {
        _ledger.Update(new HashSet<int> { 80, 144 });
        _ledger.Update(new HashSet<int> { 80 });
        _ledger.Update(new HashSet<int> { 80 });
        Assert.AreEqual(ServerCondition.BitOf(80), _ledger.Ended);
    }
}
