using Appliance.Gateway.Failover;

namespace Appliance.Tests.Unit.Failover;

/// <summary>Orders and heartbeats; time is milliseconds, and an order may be on its way for 30.</summary>
[TestClass]
public sealed class HearingTests
{
    private readonly Hearing _hearing = new();

    [TestMethod]
    public void A_node_that_answers_each_order_hears()
    {
        for (var at = 10; at < 1000; at += 10)
        {
            Assert.IsTrue(Heartbeat(at, echo: at - 10));
            Send(at);
        }
    }

    [TestMethod]
    public void One_that_goes_on_telling_of_the_same_order_does_not()
    {
        Send(10);
        Assert.IsTrue(Heartbeat(20, echo: 10));
        for (var at = 20; at <= 50; at += 10)
        {
            Assert.IsTrue(Heartbeat(at, echo: 10));
            Send(at);
        }
        Assert.IsFalse(Heartbeat(51, echo: 10));
        Send(51);
        Assert.IsTrue(Heartbeat(60, echo: 51), "it hears again");
    }

    [TestMethod]
    public void Some_orders_may_be_lost()
    {
        for (var at = 10; at < 1000; at += 10)
        {
            Send(at);
            Assert.IsTrue(Heartbeat(at + 5, echo: at / 30 * 30), "one in three arrives");
        }
    }

    [TestMethod]
    public void A_gateway_that_sends_nothing_is_not_missed()
    {
        Send(10);
        Assert.IsTrue(Heartbeat(20, echo: 10));
        Assert.IsTrue(Heartbeat(5000, echo: 10));
    }

    [TestMethod]
    public void An_agent_that_has_just_started_has_not_missed_anything()
    {
        Send(10);
        Assert.IsTrue(Heartbeat(500, echo: 0));
    }

    [TestMethod]
    public void What_an_earlier_gateway_sent_counts_neither_for_nor_against_it()
    {
        Assert.IsTrue(Heartbeat(100, echo: 99), "nothing was sent yet");
        Send(100);
        Assert.IsTrue(Heartbeat(110, echo: 99));
        Assert.IsFalse(Heartbeat(131, echo: 5000), "of another clock");
    }

    private void Send(int at) => _hearing.OnSent((ulong)at);

    private bool Heartbeat(int at, int echo) => _hearing.Hears((ulong)echo, 30, (ulong)at);
}
