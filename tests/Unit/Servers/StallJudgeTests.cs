using Appliance.Node.Servers;

namespace Appliance.Tests.Unit.Servers;

/// <summary>A look every 50 ms; times are milliseconds.</summary>
[TestClass]
public sealed class StallJudgeTests
{
    private readonly StallJudge _judge = new();
    private int _now;

    [TestMethod]
    public void Without_waiting_input_nothing_stalls()
    {
        Assert.AreEqual(0, Look());
        Assert.AreEqual(0, Look());
    }

    [TestMethod]
    public void Input_that_nobody_takes_is_a_stall_from_the_first_look_on()
    {
        Assert.AreEqual(0, Look((1, 100)));
        Assert.AreEqual(50, Look((1, 100)));
        Assert.AreEqual(100, Look((1, 100), (2, 5)));
        Assert.AreEqual(150, Look((1, 100), (2, 5)));
    }

    [TestMethod]
    public void Progress_on_any_connection_ends_it()
    {
        Look((1, 100), (2, 5));
        Assert.AreEqual(50, Look((1, 100), (2, 5)));
        Assert.AreEqual(0, Look((1, 100), (2, 6)));
        Assert.AreEqual(50, Look((1, 100), (2, 6)));
    }

    [TestMethod]
    public void A_connection_that_waits_no_more_is_progress()
    {
        Look((1, 100), (2, 5));
        Look((1, 100), (2, 5));
        Assert.AreEqual(0, Look((1, 100)));
        Assert.AreEqual(50, Look((1, 100)));
    }

    [TestMethod]
    public void A_stall_ends_when_nothing_waits_any_more()
    {
        Look((1, 100));
        Look((1, 100));
        Assert.AreEqual(0, Look());
        Assert.AreEqual(0, Look((3, 0)));
        Assert.AreEqual(50, Look((3, 0)));
    }

    [TestMethod]
    public void Others_that_wait_next_time_are_progress()
    {
        Look((1, 100));
        Assert.AreEqual(0, Look((2, 100)));
    }

    /// <summary>A server that leaves one connection alone and serves the others so fast that nothing is ever seen to wait there.</summary>
    [TestMethod]
    public void What_is_read_where_nothing_waits_is_progress()
    {
        Assert.AreEqual(0, Look([(1, 100)], (2, 50)));
        Assert.AreEqual(0, Look([(1, 100)], (2, 60)));
        Assert.AreEqual(0, Look([(1, 100)], (2, 70)));
        Assert.AreEqual(50, Look([(1, 100)], (2, 70)));
        Assert.AreEqual(100, Look([(1, 100)]), "one that is not looked at any more says nothing");
    }

    private int Look(params (ulong Cookie, ulong Taken)[] waiting) => Look(waiting, []);

    private int Look((ulong Cookie, ulong Taken)[] waiting, params (ulong Cookie, ulong Taken)[] empty)
    {
        _now += 50;
        _judge.Begin();
        foreach (var (cookie, taken) in waiting)
        {
            _judge.See(cookie, taken, waits: true);
        }
        foreach (var (cookie, taken) in empty)
        {
            _judge.See(cookie, taken, waits: false);
        }
        return (int)(_judge.End((ulong)_now * 1_000_000) / 1_000_000);
    }
}
