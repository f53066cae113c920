using Appliance.Lab.Demo.Reports;
using Appliance.Lab.Demo.Workloads.Postgres;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Demo;

[TestClass]
public sealed class PgbenchTests
{
    private static readonly string[] s_output =
    [
        "pgbench (15.18 (Debian 15.18-0+deb12u1))",
        "transaction type: <builtin: TPC-B (sort of)>",
        "scaling factor: 5",
        "number of clients: 8",
        "duration: 8 s",
        "number of transactions actually processed: 19482",
        "number of failed transactions: 0 (0.000%)",
        "latency average = 3.288 ms",
        "tps = 2433.021 (without initial connection time)",
    ];

    [TestMethod]
    public void Reads_the_summary()
    {
        var summary = PgbenchOutput.Parse(s_output, []);
        Assert.AreEqual(new PgbenchOutput(19_482, 0, 0, FirstError: null), summary);
        Assert.IsEmpty(summary.Problems(exitCode: 0));
    }

    [TestMethod]
    public void Counts_connections_that_were_given_up()
    {
        string[] errors =
        [
            "pgbench: error: client 3 script 0 aborted in command 5 query 0: server closed the connection unexpectedly",
            "pgbench: error: client 5 aborted in command 8 (SQL) of script 0; perhaps the backend died while processing",
            "pgbench: error: Run was aborted; the above results are incomplete.",
        ];
        var summary = PgbenchOutput.Parse(["number of transactions actually processed: 12/100", "number of failed transactions: 2 (14.3%)"], errors);
        Assert.AreEqual(12, summary.Processed);
        Assert.AreEqual(2, summary.Failed);
        Assert.AreEqual(2, summary.AbortedClients);
        var problems = summary.Problems(exitCode: 2);
        Assert.HasCount(3, problems);
        Assert.AreEqual(errors[0], problems[^1]);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("number of transactions actually processed:")]
    [DataRow("number of transactions actually processed: many")]
    [DataRow("number of transactions actually processed: -3")]
    [DataRow("number of transactions actually processed: 99999999999999999999999")]
    [DataRow("\0\u0001\uffff number of failed transactions: 5")]
    public void Garbage_is_no_summary(string line)
    {
        var summary = PgbenchOutput.Parse([line], ["pgbench: error: connection to server failed"]);
        Assert.IsNull(summary.Processed);
        Assert.IsNull(summary.Failed);
        Assert.HasCount(3, summary.Problems(exitCode: 1));
    }

    [TestMethod]
    public void A_version_that_knows_no_failed_transactions_leaves_them_open()
    {
        var summary = PgbenchOutput.Parse(s_output[..^3], []);
        Assert.AreEqual(19_482, summary.Processed);
        Assert.IsNull(summary.Failed);
    }

    [TestMethod]
    [DataRow("progress: 1.0 s, 4012.9 tps, lat 1.989 ms stddev 0.812, 3 failed", 4012.9, 1.989, 3L)]
    [DataRow("progress: 12.0 s, 0.0 tps, lat 0.000 ms stddev 0.000, 0 failed", 0, 0, 0L)]
    [DataRow("progress: 2.0 s, 10.5 tps, lat 7.5 ms stddev NaN", 10.5, 7.5, 0L)]
    public void Reads_progress(string line, double rate, double latency, long failed)
    {
        Assert.IsTrue(PgbenchProgress.TryParse(line, out var progress));
        Assert.AreEqual(new PgbenchProgress(rate, latency, failed), progress);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("progress: 1.0 s")]
    [DataRow("progress: 1.0 s, x tps, lat y ms")]
    [DataRow("progress: 1.0 s, 1.2.3 tps, lat 1 ms")]
    [DataRow("pgbench: error: progress: 1.0 s, 4012.9 tps, lat 1.989 ms")]
    public void Other_lines_are_no_progress(string line) => Assert.IsFalse(PgbenchProgress.TryParse(line, out _));

    [TestMethod]
    public void Reads_the_waits_of_every_client()
    {
        string[] lines =
        [
            "0 1 2000 0 100 500000",
            "1 1 9000 0 100 600000",
            "0 2 43000 0 100 543000",
            "2 1 1000 0 100 400000",
            "garbage",
            "0 3 failed 0 100 700000",
            "99999999999 1 5 0 1 1",
            "1 2 -5 0 100 1",
        ];
        var log = PgbenchLog.Read(lines, offsetNs: -100_000_000_000);
        Assert.AreEqual(4, log.Count);
        Assert.AreEqual((43d, 9d), log.Gaps());
        Assert.AreEqual(new Wait(500_000_000, 543_000_000), log.Longest(1).Single());
        Assert.AreEqual(500_000_000, log.FirstAfter(400_000_001));
        Assert.AreEqual(400_000_000, log.FirstAfter(400_000_000));
        Assert.IsNull(log.FirstAfter(600_000_001));
    }

    [TestMethod]
    public void An_empty_log_has_no_waits()
    {
        var log = PgbenchLog.Read([], offsetNs: 0);
        Assert.AreEqual((0d, 0d), log.Gaps());
        Assert.IsNull(log.FirstAfter(0));
    }

    [TestMethod]
    [DataRow("-55 -55 -55 -55 19482\n", 19_482L, 0)]
    [DataRow("-55 -55 -55 -56 19482\n", 19_482L, 1)]
    [DataRow("-55 -55 -55 -55 19481\n", 19_482L, 1)]
    [DataRow("1 2 3 4 5", 6L, 2)]
    [DataRow("", 0L, 1)]
    [DataRow("1 1 1 1", 1L, 1)]
    [DataRow("a b c d e", 0L, 1)]
    public void Balances_the_books(string answer, long committed, int problems) =>
        Assert.HasCount(problems, PgbenchBooks.Judge(answer, committed));
}
