using System.Text.Json;
using Appliance.Lab.Demo;
using Appliance.Lab.Demo.Reports;
using Appliance.Lab.Faults;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Demo;

[TestClass]
public sealed class DemoReportTests
{
    private static readonly TrafficOutcome s_clean = new(202, 0, 5_000_000_000, 0, 41.5, 12.25) { DigestsVerified = 2 };

    [TestMethod]
    public void Writes_one_line_with_the_agreed_names()
    {
        var json = Report(DemoServer.Echo, Round(1, s_clean, 30), Round(2, s_clean with { MaxGapMs = 60 }, 28)).ToJson();
        Assert.DoesNotContain("\n", json, StringComparison.Ordinal);
        var root = JsonElement.Parse(json);
        Assert.AreEqual("echo", root.GetProperty("server").GetString());
        Assert.AreEqual("crash", root.GetProperty("fault").GetString());
        Assert.AreEqual(404, root.GetProperty("survived").GetInt32());
        Assert.AreEqual(404, root.GetProperty("connections").GetInt32());
        Assert.AreEqual(0, root.GetProperty("lost").GetInt32());
        Assert.AreEqual(10_000_000_000, root.GetProperty("bytesVerified").GetInt64());
        Assert.AreEqual(0, root.GetProperty("bytesCorrupted").GetInt64());
        Assert.AreEqual(60, root.GetProperty("maxGapMs").GetDouble());
        Assert.AreEqual(12.25, root.GetProperty("medianGapMs").GetDouble());
        Assert.AreEqual(30, root.GetProperty("detectionMs").GetDouble());
        Assert.AreEqual(1.5, root.GetProperty("takeoverMs").GetDouble());
        Assert.AreEqual("http://198.18.1.2:8080/", root.GetProperty("apiUrl").GetString());
        Assert.IsFalse(root.TryGetProperty("transactions", out _));

        var rounds = root.GetProperty("failovers");
        Assert.AreEqual(2, rounds.GetArrayLength());
        Assert.AreEqual("node1", rounds[0].GetProperty("failed").GetString());
        Assert.AreEqual(202, rounds[0].GetProperty("survived").GetInt32());
        Assert.AreEqual(30, rounds[0].GetProperty("timeline").GetProperty("detectedMs").GetDouble());
    }

    [TestMethod]
    public void Adds_up_transactions_where_there_are_any()
    {
        var outcome = s_clean with { Transactions = 1000, FailedTransactions = 1 };
        var report = Report(DemoServer.Postgres, Round(1, outcome, 30), Round(2, outcome, 30));
        var root = JsonElement.Parse(report.ToJson());
        Assert.AreEqual(2000, root.GetProperty("transactions").GetInt64());
        Assert.AreEqual(2, root.GetProperty("failedTransactions").GetInt64());
        Assert.IsFalse(report.IsSuccess);
    }

    [TestMethod]
    public void Is_a_success_only_when_everything_survived_a_failover()
    {
        Assert.IsTrue(Report(DemoServer.Echo, Round(1, s_clean, 30)).IsSuccess);
        Assert.IsFalse(Report(DemoServer.Echo).IsSuccess);
        Assert.IsFalse(Report(DemoServer.Echo, Round(1, s_clean, detectedMs: null)).IsSuccess);
        Assert.IsFalse(Report(DemoServer.Echo, Round(1, s_clean, 30), Round(2, s_clean with { Lost = 1 }, 30)).IsSuccess);
        Assert.IsFalse(Report(DemoServer.Echo, Round(1, s_clean with { BytesCorrupted = 1 }, 30)).IsSuccess);
        Assert.IsFalse(Report(DemoServer.Echo, Round(1, s_clean with { Errors = ["the books do not balance"] }, 30)).IsSuccess);
    }

    [TestMethod]
    public void A_report_without_rounds_has_no_times()
    {
        var report = Report(DemoServer.Echo);
        Assert.AreEqual(0, report.MaxGapMs);
        Assert.IsNull(report.DetectionMs);
        Assert.IsNull(report.Transactions);
    }

    [TestMethod]
    public void The_verdict_names_the_loss_and_the_seed()
    {
        var bad = Report(DemoServer.Echo, Round(1, s_clean with { Lost = 3, BytesCorrupted = 64 }, 30));
        Assert.AreEqual("The server died; 3 of 202 connections were lost, 64 bytes corrupted. Seed 7.", ReportTable.Verdict(bad));
        Assert.AreEqual("The server died; no connection was lost.", ReportTable.Verdict(Report(DemoServer.Echo, Round(1, s_clean, 30))));
    }

    private static DemoReport Report(DemoServer server, params FailoverReport[] rounds) =>
        new(server, FaultKind.Crash, Seed: 7, "http://198.18.1.2:8080/", rounds);

    private static FailoverReport Round(int number, TrafficOutcome outcome, double? detectedMs) =>
        new(number, "node1", "node2", outcome, new FailoverTimeline(1, detectedMs, detectedMs, detectedMs, detectedMs, detectedMs + 1.5, null));
}
