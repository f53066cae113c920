using Appliance.ControlPlane;

namespace Appliance.Tests.Unit.ControlPlane;

[TestClass]
public sealed class ReplayGuardTests
{
    private readonly ReplayGuard _guard = new();

    [TestMethod]
    public void Two_links_deliver_everything_twice_and_it_counts_once()
    {
        for (ulong sequence = 1; sequence < 200; sequence++)
        {
            Assert.AreEqual(Freshness.New, _guard.Judge(1, sequence));
            Assert.AreEqual(Freshness.Duplicate, _guard.Judge(1, sequence));
        }
    }

    [TestMethod]
    public void The_slow_link_may_lag_by_sixty_three()
    {
        _guard.Judge(1, 1000);
        Assert.AreEqual(Freshness.New, _guard.Judge(1, 937));
        Assert.AreEqual(Freshness.Duplicate, _guard.Judge(1, 937));
        Assert.AreEqual(Freshness.Stale, _guard.Judge(1, 936), "64 back is too old to tell");
    }

    [TestMethod]
    public void A_window_in_any_order_is_new_exactly_once()
    {
        ulong[] order = [.. Enumerable.Range(0, 64).Select(i => (ulong)(100 + (i * 37 % 64)))];
        foreach (var sequence in order)
        {
            Assert.AreEqual(Freshness.New, _guard.Judge(1, sequence), $"{sequence}");
        }
        foreach (var sequence in order)
        {
            Assert.AreEqual(Freshness.Duplicate, _guard.Judge(1, sequence), $"{sequence}");
        }
    }

    [TestMethod]
    [DataRow(63ul, Freshness.Duplicate)]
    [DataRow(64ul, Freshness.Stale)]
    [DataRow(65ul, Freshness.Stale)]
    [DataRow(1_000_000ul, Freshness.Stale)]
    public void A_jump_forgets_what_it_leaves_behind(ulong advance, Freshness ofTheOld)
    {
        _guard.Judge(1, 10);
        Assert.AreEqual(Freshness.New, _guard.Judge(1, 10 + advance));
        Assert.AreEqual(ofTheOld, _guard.Judge(1, 10));
        Assert.AreEqual(Freshness.New, _guard.Judge(1, 9 + advance), "in between nothing was seen");
    }

    [TestMethod]
    public void A_restarted_sender_begins_anew_and_its_past_is_a_replay()
    {
        _guard.Judge(1, 5000);
        Assert.AreEqual(Freshness.New, _guard.Judge(2, 1));
        Assert.AreEqual(Freshness.Stale, _guard.Judge(1, 5001));
        Assert.AreEqual(Freshness.Duplicate, _guard.Judge(2, 1));
        Assert.AreEqual(Freshness.New, _guard.Judge(2, 2));
    }

    [TestMethod]
    public void Numbers_may_begin_at_zero_and_end_at_the_end()
    {
        Assert.AreEqual(Freshness.New, _guard.Judge(0, 0));
        Assert.AreEqual(Freshness.Duplicate, _guard.Judge(0, 0));
        Assert.AreEqual(Freshness.New, _guard.Judge(0, ulong.MaxValue));
        Assert.AreEqual(Freshness.Stale, _guard.Judge(0, 1));
    }

    [TestMethod]
    public void After_a_long_silence_an_earlier_instance_counts_and_the_same_one_is_still_a_replay()
    {
        _guard.Judge(5, 10);
        _guard.AcceptEarlier(5);
        Assert.AreEqual(Freshness.Duplicate, _guard.Judge(5, 10));
        Assert.AreEqual(Freshness.Stale, _guard.Judge(4, 1));
        _guard.AcceptEarlier(4);
        Assert.AreEqual(Freshness.New, _guard.Judge(4, 1));
        Assert.AreEqual(Freshness.New, _guard.Judge(5, 11), "the later instance is not locked out by it");
    }
}
