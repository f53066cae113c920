using Appliance.Bpf.Layout;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Recording;

[TestClass]
public sealed class DatagramDeskTests : DatagramDeskTest
{
    [TestMethod]
    public void A_gap_is_filled_when_it_is_older_than_a_copy_can_be()
    {
        Record(10, 11, 12, 13);
        Wait(5);
        Tell(1, 10, 13);
        Assert.AreEqual("", Outlet.Take(), "its copy may come yet");
        Wait(10);
        CollectionAssert.AreEqual(PayloadOf(11), Outlet.Datagrams[0].Payload);
        Assert.AreEqual("11 12", Outlet.Take());
    }

    [TestMethod]
    public void A_report_shows_older_gaps_at_once_and_in_order()
    {
        Record(20, 22, 21, 23);
        Outlet.Room = 0;
        Wait(20);
        Outlet.Room = int.MaxValue;
        Tell(1, 23);
        Assert.AreEqual("20 21 22", Outlet.Take());
    }

    [TestMethod]
    public void A_tail_that_was_lost_is_sent_without_further_traffic()
    {
        Record(1, 2, 3);
        Wait(5);
        Tell(1, 1, 2);
        Wait(15);
        Assert.AreEqual("3", Outlet.Take());
    }

    [TestMethod]
    public void Of_a_flow_that_a_node_never_tells_of_all_is_sent()
    {
        Record(1, 2, 3);
        Wait(9);
        Assert.AreEqual("", Outlet.Take());
        Wait(1);
        Assert.AreEqual("1 2 3", Outlet.Take());
    }

    [TestMethod]
    public void What_every_replica_has_is_let_go()
    {
        Assign(0, 1, 2);
        Record(1, 2);
        Tell(1, 1, 2);
        Tell(2, 2);
        Assert.IsGreaterThan(0, Desk.Status.HeldBytes);
        Wait(20);
        Assert.AreEqual("", Outlet.Take(1));
        Assert.AreEqual("1", Outlet.Take(2));
        Tell(2, 1, 2);
        Assert.AreEqual((1, 0L), (Desk.Status.Flows, Desk.Status.HeldBytes));
    }

    [TestMethod]
    public void Nothing_is_kept_while_nobody_replicates()
    {
        Assign(0);
        Record(1, 2);
        Assert.AreEqual((0, 0L), (Desk.Status.Flows, Desk.Status.Recorded));
    }

    [TestMethod]
    public void Nothing_is_kept_while_nobody_holds_the_service()
    {
        Assign(GatewayState.NoNode, 1);
        Record(1, 2);
        Assert.AreEqual(0L, Desk.Status.Recorded);
    }

    [TestMethod]
    public void A_node_that_never_confirms_is_not_sent_the_same_for_ever()
    {
        Record(1, 2);
        Wait(10_000);
        Assert.AreEqual(string.Join(' ', Enumerable.Repeat("1 2", 6)), Outlet.Take());
        Assert.AreEqual(0L, Desk.Status.HeldBytes);
        Assert.AreEqual((12L, 10L), (Desk.Status.Repaired, Desk.Status.Repeated));

        Record(3);
        Wait(30);
        Assert.AreEqual("3", Outlet.Take(), "but what comes later");
    }

    [TestMethod]
    public void What_was_given_up_does_not_hold_up_what_came_later()
    {
        Record(1);
        Wait(1000);
        Record(2);
        Wait(1000);
        Assert.AreEqual("1 1 1 1 1 2 1 2", Outlet.Take());
        Wait(10_000);
        Assert.AreEqual(0L, Desk.Status.HeldBytes);
    }

    [TestMethod]
    public void What_is_confirmed_in_time_is_not_sent_again()
    {
        for (var number = 1u; number < 100; number++)
        {
            Record(number);
            Wait(15);
            Assert.AreEqual($"{number}", Outlet.Take());
            Tell(1, [.. Enumerable.Range(1, (int)number).Select(n => (uint)n)]);
        }
        Assert.AreEqual(0L, Desk.Status.Repeated);
    }

    [TestMethod]
    public void A_connection_that_takes_no_more_goes_on_where_it_stopped()
    {
        Record(1, 2, 3, 4);
        Outlet.Room = 2;
        Wait(15);
        Assert.AreEqual("1 2", Outlet.Take());
        Outlet.Room = 2;
        Wait(10);
        Assert.AreEqual("3 4", Outlet.Take());
    }

    [TestMethod]
    public void A_node_that_is_not_connected_is_waited_for()
    {
        Outlet.Settled.Remove(1);
        Record(1, 2);
        Wait(5000);
        Outlet.Settled.Add(1);
        Desk.Connected(1);
        Tell(1, 1);
        Assert.AreEqual("2", Outlet.Take());
    }

    [TestMethod]
    public void After_a_new_connection_only_new_words_count()
    {
        Record(1, 2, 3);
        Wait(15);
        Outlet.Take();
        Desk.Connected(1);
        Wait(10);
        Assert.AreEqual("1 2 3", Outlet.Take(), "what was under way is lost");
    }

    [TestMethod]
    public void A_node_that_took_over_is_sent_the_last_of_before_and_nothing_of_its_own()
    {
        Record(1, 2, 3);
        Tell(1, 1);
        Assign(1);
        Record(4, 5);
        Wait(30);
        Assert.AreEqual("2 3", Outlet.Take());
        Tell(1, 1, 2, 3);
        Assert.AreEqual(0L, Desk.Status.HeldBytes);
    }

    [TestMethod]
    public void A_node_that_comes_back_is_sent_nothing_of_its_own()
    {
        Assign(0, 1);
        Record(1, 2);
        Assign(1, 0);
        Record(3, 4);
        Wait(15);
        Assert.AreEqual("3 4", Outlet.Take(0));
        Assert.AreEqual("1 2", Outlet.Take(1));
    }

    [TestMethod]
    public void A_node_that_joins_is_sent_what_is_still_held()
    {
        Record(1, 2);
        Tell(1, 1);
        Assign(0, 1, 2);
        Record(3);
        Wait(15);
        Assert.AreEqual("2 3", Outlet.Take(1));
        Assert.AreEqual("2 3", Outlet.Take(2));
    }

    [TestMethod]
    public void What_only_a_node_lacks_that_left_is_let_go()
    {
        Assign(0, 1, 2);
        Record(1, 2);
        Tell(1, 1, 2);
        Assign(0, 1);
        Assert.AreEqual(0L, Desk.Status.HeldBytes);
        Wait(50);
        Assert.IsEmpty(Outlet.Datagrams);
    }

    [TestMethod]
    public void A_flow_that_is_silent_for_long_is_forgotten()
    {
        Record(1);
        Tell(1, 1);
        Wait(29_000);
        Assert.AreEqual(1, Desk.Status.Flows);
        Wait(3000);
        Assert.AreEqual(0, Desk.Status.Flows);
        Record(900);
        Wait(15);
        Assert.AreEqual("900", Outlet.Take());
    }

    [TestMethod]
    public void A_flow_that_is_counted_anew_is_learnt_anew()
    {
        Record(1_000_000);
        Tell(1, 1_000_000);
        Record(5000);
        Wait(15);
        Assert.AreEqual("5000", Outlet.Take());
        Tell(1, 5000);
        Assert.AreEqual(0L, Desk.Status.HeldBytes);
    }

    [TestMethod]
    public void A_word_on_what_is_still_to_be_read_of_the_record_is_believed()
    {
        Record(1);
        Tell(1, 1, 2, 3);
        Record(2, 3);
        Wait(20);
        Assert.AreEqual("", Outlet.Take());
    }

    [TestMethod]
    public void A_node_that_fell_far_behind_is_not_taken_for_one_that_is_ahead()
    {
        Record(0);
        Tell(1, 0);
        for (var number = 1u; number < 50_000; number++)
        {
            Record(number);
        }
        Wait(15);
        Assert.AreEqual(1024, Outlet.Datagrams.Count);
        Assert.AreEqual(49_999u, Outlet.Datagrams[^1].Number);
    }

    [TestMethod]
    public void Memory_is_bounded_and_the_oldest_gives_way()
    {
        Desk = NewDesk(16 * 100); // buffers of 16 bytes
        Assign(0, 1);
        for (var port = 1; port <= 300; port++)
        {
            RecordOf(KeyOf(port), 1);
        }
        Assert.AreEqual(1600L, Desk.Status.HeldBytes);
        Wait(15);
        CollectionAssert.AreEqual(Enumerable.Range(201, 100).Select(KeyOf).ToArray(), Outlet.Datagrams.Select(d => d.Flow).ToArray());
    }

    [TestMethod]
    public void Ten_thousand_flows_are_followed_without_allocation()
    {
        Desk = NewDesk(64 << 20);
        Assign(0, 1);
        var keys = Enumerable.Range(1, 10_000).Select(KeyOf).ToArray();
        for (var number = 1u; number <= 4; number++)
        {
            foreach (var key in keys)
            {
                RecordOf(key, number);
                TellOf(key, 1, number);
            }
            Wait(15);
        }
        Outlet.Datagrams.Clear();
        Assert.AreEqual(0, AllocatedBytes.Of(() => Wait(1000)));
        Assert.AreEqual(10_000, Desk.Status.Flows);
        Assert.IsEmpty(Outlet.Datagrams);
    }
}
