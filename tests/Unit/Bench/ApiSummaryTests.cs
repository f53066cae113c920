using Appliance.Bench.Api;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Bench;

[TestClass]
public sealed class ApiSummaryTests
{
    [TestMethod]
    public void Goals_compare_what_was_measured_in_the_same_round()
    {
        LoadRun[] loads =
        [
            Load(1, requests: false, gbit: 10), Load(1, requests: true, gbit: 9.9, p99: 40),
            Load(2, requests: false, gbit: 4), Load(2, requests: true, gbit: 3.6, p99: 60, failed: 2),
            Load(3, requests: false, gbit: 10), Load(3, requests: true, gbit: 9.8, p99: 45),
        ];
        SiegeRun[] sieges = [Siege(1, false, 800), Siege(1, true, 1600, answered: 9), Siege(2, false, 1000, lost: 1), Siege(2, true, 1000)];
        var goals = ApiSummary.Goals(loads, sieges);
        CollectionAssert.AreEqual(new double?[] { 45, 0.98, 2, 1.5, 0.95, 1, 0 }, goals.Select(goal => goal.Measured is { } value ? Math.Round(value, 6) : (double?)null).ToArray());
        CollectionAssert.AreEqual(new[] { true, true, false, true, false, false, true }, goals.Select(goal => goal.IsMet).ToArray());
        Assert.AreEqual("protected connections lost", goals.Single(goal => goal.IsRequired).Text);
    }

    [TestMethod]
    public void Without_runs_no_goal_of_speed_is_met() =>
        Assert.IsFalse(ApiSummary.Goals([], []).Where(goal => goal.Unit.Length > 0 || goal.Text.Contains('÷')).Any(goal => goal.IsMet));

    [TestMethod]
    public void The_mix_holds_every_kind_as_often_as_it_says_and_never_in_a_heap()
    {
        Assert.HasCount(20, ApiRequestKind.Round);
        foreach (var kind in ApiRequestKind.Mix)
        {
            Assert.AreEqual(kind.Share, ApiRequestKind.Round.Count(entry => entry == kind));
        }

        Assert.IsFalse(ApiRequestKind.Round.Zip(ApiRequestKind.Round.Skip(2)).Any(pair => pair.First != ApiRequestKind.Mix[1] && pair.First == pair.Second));
    }

    [TestMethod]
    public void Percentiles_are_of_the_times_that_were_taken()
    {
        var times = new LatencyHistogram();
        Assert.IsNull(times.Percentile(0.5));
        foreach (var ms in Enumerable.Range(1, 100).Reverse())
        {
            times.Add(ms);
        }

        Assert.AreEqual((51, 100, 100), (times.Percentile(0.5), times.Percentile(0.99), times.Percentile(1)));
    }

    private static LoadRun Load(int round, bool requests, double gbit, double? p99 = null, int failed = 0) => new()
    {
        Round = round, Traffic = LoadTraffic.Link, HasRequests = requests, GbitPerSecond = gbit, GatewayCpu = 0, AskerCpu = 0, P99Ms = p99, Failed = failed,
    };

    private static SiegeRun Siege(int round, bool isUnderSiege, double echo, int answered = 10, int lost = 0) => new()
    {
        Round = round, Kind = isUnderSiege ? SiegeKind.Siege : SiegeKind.Peace, EchoP99Us = echo, MaxGapMs = 1, Lost = lost, Takeovers = 0, GatewayCpu = 0, GatewayBytes = 0, Asked = 10, Answered = answered,
    };
}
