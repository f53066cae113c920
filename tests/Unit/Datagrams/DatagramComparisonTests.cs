using Appliance.Datagrams;

namespace Appliance.Tests.Unit.Datagrams;

/// <summary>When two servers have answered a client's datagrams in two ways, and when that cannot be known.</summary>
[TestClass]
public sealed class DatagramComparisonTests : DatagramComparisonTest
{
    [TestMethod]
    public void One_question_with_two_answers_is_a_difference_when_neither_can_come_late()
    {
        Active("test is 192.0.2.1");
        Own("test is 192.0.2.9");
        Wait(900);
        Assert.IsEmpty(Standings);
        Wait(200);
        CollectionAssert.AreEqual(new[] { "1000 differs" }, Standings);
        var difference = Differences.Single();
        Assert.AreEqual((16, "\"…192.0.2.1\" of 17 bytes", "\"…192.0.2.9\" of 17 bytes"), (difference.At, difference.ActiveText, difference.OwnText));
    }

    [TestMethod]
    public void The_same_answer_is_none()
    {
        Both("yes");
        Wait(60_000);
        CollectionAssert.AreEqual(new[] { "1000 agrees" }, Standings, "told once");
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void What_only_one_of_them_says_proves_nothing(bool isOwn)
    {
        for (var i = 1; i <= 50; i++)
        {
            (isOwn ? (Action<string, int, int>)Own : Active)($"answer {i}", i, 1000);
            Wait(100);
        }
        Wait(60_000);
        Assert.IsEmpty(Standings);
    }

    [TestMethod]
    public void Two_questions_of_which_each_has_answered_another_prove_nothing()
    {
        Active("first", asked: 2);
        Own("second", asked: 2);
        Wait(60_000);
        Assert.IsEmpty(Standings);
    }

    [TestMethod]
    public void Two_questions_with_three_answers_are_a_difference()
    {
        Active("first", asked: 2);
        Active("second", asked: 2);
        Own("third", asked: 2);
        Wait(1100);
        CollectionAssert.AreEqual(new[] { "1000 differs" }, Standings);
    }

    [TestMethod]
    public void Answers_in_another_order_are_the_same()
    {
        for (var i = 0; i < 20; i++)
        {
            Active($"{i}", 20);
        }
        for (var i = 19; i >= 0; i--)
        {
            Own($"{i}", 20);
        }
        Wait(60_000);
        CollectionAssert.AreEqual(new[] { "1000 agrees" }, Standings);
    }

    [TestMethod]
    public void A_replica_may_be_late()
    {
        for (var i = 1; i <= 100; i++)
        {
            Active($"answer {i}", i);
            Wait(100);
        }
        Wait(15_000);
        for (var i = 1; i <= 100; i++)
        {
            Own($"answer {i}", 100);
        }
        Wait(5000);
        CollectionAssert.AreEqual(new[] { "1000 agrees" }, Standings);
    }

    [TestMethod]
    public void One_that_is_later_than_anything_is_remembered_is_not_judged()
    {
        for (var i = 1; i <= 100; i++)
        {
            Active($"answer {i}", i);
            Wait(1000);
        }
        for (var i = 1; i <= 100; i++)
        {
            Own($"answer {i}", 100);
        }
        Active("answer 101", 101);
        Wait(20_000);
        CollectionAssert.AreEqual(new[] { "1000 agrees" }, Standings);
    }

    [TestMethod]
    public void The_same_answer_to_every_question_counts_each_time()
    {
        for (var i = 1; i <= 10; i++)
        {
            Active("OK", i);
            Own("ERROR", i);
        }
        Wait(1100);
        CollectionAssert.AreEqual(new[] { "1000 differs" }, Standings);
    }

    [TestMethod]
    public void The_same_answer_of_which_some_were_lost_is_the_same()
    {
        for (var i = 1; i <= 1000; i++)
        {
            if (i % 20 != 0)
            {
                Active("OK", i);
            }
            if (i % 50 != 1)
            {
                Own("OK", i);
            }
            Wait(100);
        }
        CollectionAssert.AreEqual(new[] { "1000 agrees" }, Standings);
    }

    [TestMethod]
    public void An_answer_that_is_sent_again_is_the_same()
    {
        Both("OK");
        Active("OK");
        Active("OK");
        Wait(5000);
        Both("done", 2);
        Own("done", 2);
        Wait(60_000);
        CollectionAssert.AreEqual(new[] { "1000 agrees" }, Standings);
    }

    [TestMethod]
    public void Servers_that_say_more_than_they_are_asked_are_judged_by_what_was_passed_over()
    {
        for (var i = 0; i < 100; i++)
        {
            Both($"frame {i}");
            Wait(10);
        }
        Active("frame 100");
        Own("frame 100!");
        Wait(2000);
        CollectionAssert.AreEqual(new[] { "1000 agrees" }, Standings, "the replica may be behind");
        Both("frame 101");
        Wait(900);
        CollectionAssert.AreEqual(new[] { "1000 agrees" }, Standings, "its threads may be at it");
        Wait(2000);
        CollectionAssert.AreEqual(new[] { "1000 agrees", "1000 differs" }, Standings);
    }

    [TestMethod]
    public void Servers_that_say_more_than_they_are_asked_and_never_agree_again_are_found_in_the_end()
    {
        for (var i = 0; i < 100; i++)
        {
            Both($"frame {i}");
        }
        for (var i = 100; i < 350; i++)
        {
            Active($"frame {i}");
            Own($"frame {i}!");
            Wait(50);
        }
        Wait(1000);
        CollectionAssert.AreEqual(new[] { "1000 agrees", "1000 differs" }, Standings);
    }

    [TestMethod]
    public void Of_such_servers_copies_may_be_lost_while_the_replica_is_late()
    {
        for (var i = 0; i < 1300; i++)
        {
            if (i % 20 != 7 && i < 1000)
            {
                Active($"frame {i}");
            }
            if (i >= 300)
            {
                Own($"frame {i - 300}");
            }
            Wait(10);
        }
        Wait(60_000);
        CollectionAssert.AreEqual(new[] { "1000 agrees" }, Standings);
    }

    [TestMethod]
    public void Such_a_replica_may_stand_still_for_longer_than_anything()
    {
        for (var i = 0; i < 3000; i++)
        {
            if (i % 20 != 7)
            {
                Active($"frame {i}");
            }
            for (var own = i == 2500 ? 500 : i; own <= i && (i < 500 || i >= 2500); own++)
            {
                Own($"frame {own}");
            }
            Wait(10);
        }
        Wait(60_000);
        CollectionAssert.AreEqual(new[] { "1000 agrees" }, Standings);
    }

    [TestMethod]
    public void Such_servers_are_not_judged_while_this_one_may_not_have_heard_everything()
    {
        for (var i = 0; i < 100; i++)
        {
            Both($"frame {i}");
        }
        Comparison.NoteLoss(Now);
        Active("frame 100");
        Own("frame 100!");
        Both("frame 101");
        Wait(20_000);
        CollectionAssert.AreEqual(new[] { "1000 agrees" }, Standings);
    }

    [TestMethod]
    public void A_replica_that_lacks_what_its_client_has_sent_is_not_judged()
    {
        Lacking.Add(KeyOf(1000));
        Active("yes");
        Own("no");
        Wait(3000);
        Assert.IsEmpty(Standings);
        Lacking.Clear();
        Wait(1000);
        CollectionAssert.AreEqual(new[] { "1000 differs" }, Standings);
    }

    [TestMethod]
    public void A_difference_is_forgotten_when_they_have_agreed_for_long()
    {
        Active("a");
        Own("b");
        Wait(1500);
        for (var i = 2; i <= 11; i++)
        {
            Both(new string((char)('a' + i), 100), i);
        }
        CollectionAssert.AreEqual(new[] { "1000 differs" }, Standings);
        Both(new string('z', 24), 12);
        CollectionAssert.AreEqual(new[] { "1000 differs", "1000 agrees" }, Standings);
    }

    [TestMethod]
    public void What_differs_again_and_again_is_told_once()
    {
        for (var i = 1; i <= 10; i++)
        {
            Active($"a {i}", i);
            Own($"b {i}", i);
            Wait(1500);
        }
        CollectionAssert.AreEqual(new[] { "1000 differs" }, Standings);
        Assert.HasCount(1, Differences);
    }

    [TestMethod]
    public void A_new_connection_to_the_gateway_is_told_what_is_known()
    {
        Both("yes", port: 1001);
        Active("yes", port: 1002);
        Own("no", port: 1002);
        Active("yes", port: 1003);
        Wait(1500);
        Standings.Clear();
        Comparison.TellAll();
        CollectionAssert.AreEquivalent(new[] { "1001 agrees", "1002 differs" }, Standings);
    }

    [TestMethod]
    public void What_a_client_had_asked_before_this_node_heard_it_may_be_answered_for_a_while()
    {
        Comparison.Begin(Now);
        Active("an answer to what was asked before");
        Own("another");
        Wait(10_000);
        Assert.IsEmpty(Standings);
        Wait(25_000);
        Active("yes", 1, 1002);
        Own("no", 1, 1002);
        Wait(1500);
        CollectionAssert.AreEqual(new[] { "1002 differs" }, Standings);
    }

    [TestMethod]
    public void When_the_gateway_counts_anew_what_was_said_before_is_nothing_to_compare_with()
    {
        Active("yes", asked: 100_000);
        Own("no", asked: 1);
        Wait(10_000);
        Assert.IsEmpty(Standings);
    }

    [TestMethod]
    public void Of_several_differences_the_pair_that_begins_alike_is_told()
    {
        Active("id 1: alpha", 2);
        Active("id 22: beta", 2);
        Own("id 22: gamma", 2);
        Own("id 1: delta", 2);
        Wait(1500);
        var difference = Differences.Single();
        Assert.AreEqual("id 22: ", System.Text.Encoding.ASCII.GetString(difference.Active)[..difference.At]);
    }

    [TestMethod]
    public void What_differs_is_shown_however_much_else_only_one_of_them_has_said()
    {
        for (var i = 0; i < 50_000; i++)
        {
            Own($"answer {i}", port: 2000 + (i % 50));
        }
        Active("yes");
        Own("no");
        Wait(1500);
        Assert.AreEqual(("\"yes\" of 3 bytes", "\"no\" of 2 bytes"), (Differences.Single().ActiveText, Differences.Single().OwnText));
    }

    [TestMethod]
    public void More_than_can_be_remembered_is_forgotten_from_the_oldest_on()
    {
        for (var i = 0; i < DatagramComparison.Capacity + 5000; i++)
        {
            Active($"answer {i}", port: 1 + (i % 60_000));
        }
        Own("another", port: 1);
        Wait(1500);
        Assert.IsEmpty(Standings);
        Assert.IsLessThanOrEqualTo(60_000, Comparison.Count);
        Wait(61_000);
        Assert.AreEqual(0, Comparison.Count);
    }
}
