using Appliance.Bench.Labs;
using Appliance.Bench.Report;
using Appliance.Lab;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Api;

/// <summary>The REST interface under load and under siege, and what the packets' way notices of it.</summary>
public sealed class ApiBench : IBench
{
    private const double RequestsPerSecond = 1000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public string Name => "api";

    /// <inheritdoc/>
    public string Title => "the REST interface under load and under siege";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var rounds = context.Options.RunsOr(1, 3, 10);
        var time = TimeSpan.FromSeconds(context.Options.Pick(3, 6, 20));
        var (flows, idle) = (context.Options.Pick(200, 1000, 1000), context.Options.Pick(2000, 10_000, 10_000));
        await using var lab = await BenchLab.UpAsync("api", withAppliance: true, cancellation);
        await lab.StartServersAsync(cancellation, LabHost.Node1, LabHost.Node2);
        var loads = await LoadAsync(context, lab, flows, rounds, time, cancellation);

        await Siege.PrepareAsync(lab, cancellation);
        var meter = new SiegeMeter(lab, idle);
        var sieges = new List<SiegeRun>();
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var kind in Enum.GetValues<SiegeKind>())
            {
                var run = await meter.RunAsync(round, kind, time, cancellation);
                sieges.Add(run);
                context.Say($"round {round} of {rounds}, {ApiSummary.NameOf(kind)}: echo p99 {Format.Number(run.EchoP99Us)} µs, "
                    + $"worst gap {Format.Number(run.MaxGapMs)} ms; {run.Answered} of {run.Asked} honest requests answered, {run.Held} strangers held");
            }
        }

        return ApiSummary.Report(this, flows, idle, loads, sieges);
    }

    /// <summary>With open connections that are silent, so that pages of them have something to show.</summary>
    private static async Task<List<LoadRun>> LoadAsync(BenchContext context, BenchLab lab, int flows, int rounds, TimeSpan time, CancellationToken cancellation)
    {
        using var crowd = await Recorder.EchoCrowd.OpenAsync(lab, flows, cancellation);
        var view = await lab.Gateway.WaitAsync(gateway => gateway.Flows >= flows, s_patience, cancellation);
        if (view is null || view.Flows < flows)
        {
            throw new LabException(LabFailure.NotReady, $"Only {view?.Flows} of {flows} connections could be made.");
        }

        var meter = new LoadMeter(lab, RequestsPerSecond);
        var runs = new List<LoadRun>();
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var (traffic, requests) in ApiSummary.Stretches)
            {
                var run = await meter.RunAsync(round, traffic, requests, time, cancellation);
                runs.Add(run);
                context.Say($"round {round} of {rounds}, {ApiSummary.NameOf(traffic, requests)}: {Format.Number(run.GbitPerSecond)} Gbit/s; "
                    + $"{Format.Number(run.AnsweredPerSecond)} answers/s, p50 {Format.Number(run.P50Ms)} ms, p99 {Format.Number(run.P99Ms)} ms, {run.Failed} failed");
            }
        }

        return runs;
    }
}
