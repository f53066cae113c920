using System.Text.Json;
using Appliance.Gateway.Api.Events;

namespace Appliance.Tests.Unit.Api;

/// <summary>What a reader gets who comes back.</summary>
[TestClass]
public sealed class JournalTests
{
    private readonly Journal _journal = new(TimeProvider.System);

    [TestMethod]
    public void A_reader_goes_on_where_it_stopped()
    {
        _journal.Add("node", new { Node = "node1" });
        _journal.Add("store", new { State = "ready" });
        var first = _journal.After(null).Entries;
        Assert.HasCount(2, first);
        _journal.Add("node", new { Node = "node2" });
        Assert.AreEqual("node", _journal.After(first[^1].Id).Entries.Single().Kind);
        Assert.IsEmpty(_journal.After(_journal.After(null).Entries[^1].Id).Entries);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("x")]
    [DataRow("1-1", DisplayName = "another run of the gateway")]
    [DataRow("99999999999999999999999-1")]
    [DataRow("1-2-3")]
    public void One_who_comes_with_something_else_gets_all(string id)
    {
        _journal.Add("node", new { Node = "node1" });
        Assert.HasCount(1, _journal.After(id).Entries);
    }

    [TestMethod]
    public void Whoever_waits_is_told_of_more()
    {
        var more = _journal.After(null).More;
        Assert.IsFalse(more.IsCompleted);
        _journal.Add("node", new { Node = "node1" });
        Assert.IsTrue(more.IsCompleted);
        Assert.IsFalse(_journal.After(null).More.IsCompleted);
    }

    [TestMethod]
    public void The_oldest_make_way()
    {
        for (var i = 0; i < Journal.Kept + 5; i++)
        {
            _journal.Add("node", new { Number = i });
        }
        var entries = _journal.After(null).Entries;
        Assert.HasCount(Journal.Kept, entries);
        Assert.AreEqual(5, (int)entries[0].ToJson(JsonSerializerOptions.Web)["number"]!);
    }

    [TestMethod]
    public void An_entry_is_one_object_and_its_own_fields_win()
    {
        _journal.Add("assignment", new { At = "then", Epoch = 7 });
        var json = _journal.After(null).Entries.Single().ToJson(JsonSerializerOptions.Web);
        Assert.AreEqual(("assignment", "then", 7), ((string)json["kind"]!, (string)json["at"]!, (int)json["epoch"]!));
        Assert.IsNotNull(json["id"]);
    }
}
