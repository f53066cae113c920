using Appliance.Bench.Compatibility;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Bench;

[TestClass]
public sealed class CompatibilityTests
{
    [TestMethod]
    [DataRow(8, 8, 0, 0, 0, "in step")]
    [DataRow(50, 0, 50, 50, 0, "diverges: known, reset")]
    [DataRow(50, 33, 17, 17, 0, "diverges: known, reset")]
    [DataRow(1, 0, 0, 1, 0, "diverges: its replica ends, known, lost")]
    [DataRow(50, 40, 10, 20, 0, "diverges: found at the takeover, reset")]
    [DataRow(8, 7, 1, 0, 0, "differs; carried on")]
    [DataRow(8, 8, 0, 0, 1, "**wrong answers**")]
    [DataRow(8, 0, 8, 8, 1, "**wrong answers**")]
    public void A_crash_has_a_verdict(int flows, int isProtected, int differing, int lost, int wrong, string verdict) =>
        Assert.AreEqual(verdict, new CaseRun(flows, isProtected, differing, new LoadResult(flows, lost, wrong)).Verdict);

    [TestMethod]
    public void An_answer_is_whole_before_it_is_judged()
    {
        var known = Exchange.Of("?", "abc");
        Assert.IsFalse(known.IsWhole("ab"));
        Assert.IsTrue(known.IsWhole("abd"));
        Assert.IsFalse(known.IsRight("abd"));
        var line = Exchange.Line("?", "250 ");
        Assert.IsFalse(line.IsWhole("250 o"));
        Assert.IsTrue(line.IsWhole("550 no\r\n"));
        Assert.IsFalse(line.IsRight("550 no\r\n"));
    }

    [TestMethod]
    public void Every_case_names_its_package_and_no_two_are_the_same()
    {
        Assert.IsTrue(ServerCatalog.All.All(static server => server.Package.Length > 0));
        Assert.HasCount(ServerCatalog.All.Count, ServerCatalog.All.DistinctBy(static server => (server.Name, server.Option)).ToList());
        Assert.HasCount(3, ServerCatalog.Steady.DistinctBy(static server => server.Port).ToList());
    }

    /// <summary>Who joins repeats earlier connections' requests beside those of now: what both change would be two different servers' state.</summary>
    [TestMethod]
    public void Connections_of_steady_servers_change_nothing_that_others_change()
    {
        foreach (var load in ServerCatalog.Steady.Select(static server => (Conversations)server.Load))
        {
            var rounds = Enumerable.Range(0, 2).SelectMany(_ => Enumerable.Range(0, 3)).Select(connection => string.Concat(load.Begin(connection).Take(2).Select(static exchange => exchange.Question))).ToList();
            Assert.IsTrue(rounds.Distinct(StringComparer.Ordinal).Count() == rounds.Count || rounds[0].StartsWith("GET ", StringComparison.Ordinal), rounds[0]);
        }
    }
}
