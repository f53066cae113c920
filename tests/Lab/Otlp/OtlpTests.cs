using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Otlp;

/// <summary>A collector gets everything: metrics as Prometheus does, the log, and each failover as a trace.</summary>
[TestClass]
public sealed class OtlpTests : TrafficTest, IDisposable
{
    private const int Port = 4318;
    private const int Connections = 20;

    private readonly ConfigurationOverlay _configuration = new($"telemetry: {{ otlp: {{ endpoint: 'http://127.0.0.1:{Port}', interval: 1s }} }}");

    protected override LabOptions Options => base.Options with { ConfigurationFile = _configuration.Path };

    public void Dispose() => _configuration.Dispose();

    [TestMethod]
    public async Task A_failover_is_a_trace_and_the_rest_follows()
    {
        await using var collector = await Collector.StartAsync(Lab.Namespace(LabHost.Gateway), Port);
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        var epoch = (await ProtectedAsync(Connections)).Epoch;
        await FaultAsync(FaultKind.Crash, "node1");
        await TakenOverAsync(LabHost.Node2, epoch);

        await UntilAsync(() => collector.Spans.Any(s => s.Name == "failover"), "the trace of the failover arrives");
        var failover = collector.Spans.Single(s => s.Name == "failover");
        StringAssert.Contains(failover.Attributes, "appliance.cause=activeSilent appliance.node=node1 appliance.active=node2 appliance.flows=20", StringComparison.Ordinal);
        var phases = collector.Spans.Where(s => s.Parent == failover.Id).OrderBy(s => s.Start).ThenBy(s => s.End).ToList();
        CollectionAssert.AreEqual(new[] { "detect", "fence", "order", "take over" }, phases.ConvertAll(p => p.Name));
        Assert.IsTrue(phases.TrueForAll(p => p.Trace == failover.Trace));
        Assert.AreEqual((failover.Start, failover.End), (phases[0].Start, phases[^1].End));
        Assert.IsGreaterThan(90e6, phases[0].End - (double)phases[0].Start, "it was silent for the timeout of 100 ms");
        Assert.IsLessThan(10e9, Math.Abs((DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeMilliseconds((long)(failover.Start / 1_000_000))).TotalNanoseconds), "by the wall clock");

        await UntilAsync(() => collector.Points.Any(p => p is { Name: "appliance_assignments_total", Attributes: "cause=activeSilent", Value: 1 }), "the failover is counted");
        await UntilAsync(() => collector.Points.Any(p => p is { Name: "appliance_node_role", Attributes: "node=node2 role=active", Value: 1 }), "the gauges follow");
        await UntilAsync(() => collector.Points.Any(p => p is { Name: "appliance_detection_seconds_bucket", Attributes: "le=+Inf", Value: 1 }), "histograms are there");
        await UntilAsync(() => collector.Lines.Any(line => line.Contains("node2 holds the service", StringComparison.Ordinal)), "the log arrives");
        StringAssert.Contains(collector.Services.Single(), "service.name=appliance-gateway", StringComparison.Ordinal);
        await AssertSameNamesAsync(collector);
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);
    }

    /// <summary>Without a collector, as before it is started and after it has gone, nothing else suffers.</summary>
    [TestMethod]
    public async Task Nobody_needs_the_collector()
    {
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        var epoch = (await ProtectedAsync(Connections)).Epoch;
        await FaultAsync(FaultKind.Crash, "node1");
        await TakenOverAsync(LabHost.Node2, epoch);
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);
        await using var collector = await Collector.StartAsync(Lab.Namespace(LabHost.Gateway), Port);
        await UntilAsync(() => collector.Points.Any(p => p is { Name: "appliance_assignments_total", Attributes: "cause=activeSilent", Value: 1 }), "it is told once it is there");
    }

    private async Task AssertSameNamesAsync(Collector collector)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var scraped = (await http.GetStringAsync(new Uri(Lab.ApiUrl, "/metrics"), Cancellation)).Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('{', ' ')[0]).Distinct().Order(StringComparer.Ordinal).ToList();
        await UntilAsync(() => collector.Points.Select(p => p.Name).ToHashSet(StringComparer.Ordinal).IsSupersetOf(scraped), "all that Prometheus gets");
        Assert.AreEqual(string.Empty, string.Join(' ', collector.Points.Select(p => p.Name).Distinct().Except(scraped)), "and no more");
    }
}
