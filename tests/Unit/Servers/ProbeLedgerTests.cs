using Appliance.Node.Servers;

namespace Appliance.Tests.Unit.Servers;

[TestClass]
public sealed class ProbeLedgerTests
{
    private readonly ProbeLedger _ledger = new([2, 1]);

    [TestMethod]
    public void So_many_failures_in_a_row_are_a_failure()
    {
        Assert.IsFalse(_ledger.Note(0, isGood: false));
        Assert.IsFalse(_ledger.IsFailing);
        Assert.IsTrue(_ledger.Note(0, isGood: false), "it changes");
        Assert.IsTrue(_ledger.IsFailing);
        Assert.IsFalse(_ledger.Note(0, isGood: false));
        Assert.IsTrue(_ledger.Note(0, isGood: true));
        Assert.IsFalse(_ledger.IsFailing);
    }

    [TestMethod]
    public void A_success_makes_good_for_the_failures_before_it()
    {
        _ledger.Note(0, isGood: false);
        _ledger.Note(0, isGood: true);
        _ledger.Note(0, isGood: false);
        Assert.IsFalse(_ledger.IsFailing);
    }

    [TestMethod]
    public void One_probe_that_fails_is_enough()
    {
        Assert.IsTrue(_ledger.Note(1, isGood: false));
        _ledger.Note(0, isGood: true);
        Assert.IsTrue(_ledger.IsFailing);
    }

    [TestMethod]
    public void Without_probes_nothing_fails() => Assert.IsFalse(new ProbeLedger([]).IsFailing);
}
