using Appliance.Lab.Daemons;
using Appliance.Lab.Demo.Reports;
using Appliance.Lab.Demo.Views;
using Appliance.Lab.Demo.Workloads;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Demo;

/// <summary>The demonstration: a lab, a server on both nodes, and a death per round.</summary>
internal sealed class DemoRunner(DemoOptions options, IDemoView view)
{
    private static readonly TimeSpan s_readyTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(50);

    private readonly IDemoWorkload _workload = DemoWorkloads.Create(options);

    /// <summary>Does all of it. Whatever happens the lab is taken down, unless it is to be kept and the end was reached.</summary>
    public async Task<DemoReport> RunAsync(CancellationToken cancellation)
    {
        _workload.Check();
        var lab = await Laboratory.UpAsync(LabOptions(), view, cancellation: cancellation);
        var keep = false;
        try
        {
            view.Say($"Lab '{lab.Name}' is up. Gateway: {lab.ApiUrl}");
            await _workload.StartServersAsync(lab, view, cancellation);
            view.Say($"On both nodes runs {_workload.Description}.");
            var report = await RunRoundsAsync(lab, cancellation);
            keep = options.Keep;
            return report;
        }
        finally
        {
            lab.Dispose();
            if (!keep)
            {
                view.Report("Taking the lab down");
                await Laboratory.DownAsync(options.Name);
            }
        }
    }

    private async Task<DemoReport> RunRoundsAsync(Laboratory lab, CancellationToken cancellation)
    {
        using var gateway = new GatewayClient(lab.ApiUrl);
        var rounds = new List<FailoverReport>();
        for (var number = 1; number <= options.Repeat; number++)
        {
            if (rounds is [.., var last] && LabNames.TryParseHost(last.Failed, out var dead))
            {
                await HealAsync(lab, gateway, dead, cancellation);
            }

            var plan = RoundPlan.For(options.Seed, number);
            var round = new DemoRound(lab, gateway, _workload, options, view);
            rounds.Add(await view.FollowAsync(Title(number), () => round.RunAsync(plan, cancellation)));
        }

        return new DemoReport(options.Server, options.Fault, options.Seed, lab.ApiUrl.ToString(), rounds)
        {
            UnplannedFailovers = await CountUnplannedAsync(gateway, rounds, cancellation),
        };
    }

    private static async Task<int> CountUnplannedAsync(GatewayClient gateway, List<FailoverReport> rounds, CancellationToken cancellation)
    {
        long[] expected = [.. rounds.Select(round => round.Timeline.Epoch).OfType<long>()];
        return await gateway.TryGetStatusAsync(cancellation) is { } status
            ? GatewayEventRecord.CountUnplanned(GatewayEventRecord.ReadAll(status.Raw), expected)
            : 0;
    }

    private async Task HealAsync(Laboratory lab, GatewayClient gateway, LabHost dead, CancellationToken cancellation)
    {
        view.Report($"{LabNames.Of(dead)} comes back");
        await lab.FaultAsync(new FaultRequest(FaultKind.Heal, LabNames.Of(dead)), cancellation);
        await WaitReadyAsync(gateway, cancellation);
        await _workload.RestartServerAsync(lab, dead, cancellation);
        await WaitReadyAsync(gateway, cancellation);
    }

    private static async Task WaitReadyAsync(GatewayClient gateway, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await gateway.IsReadyAsync(cancellation))
        {
            if (TimeProvider.System.GetElapsedTime(started) > s_readyTime)
            {
                throw new LabException(LabFailure.NotReady, $"The nodes did not take their roles within {s_readyTime.TotalSeconds:0} s.");
            }

            await Task.Delay(s_pollInterval, cancellation);
        }
    }

    private string Title(int number) => options.Repeat == 1 ? "Traffic" : $"Round {number} of {options.Repeat}";

    private LabOptions LabOptions() => new()
    {
        Name = options.Name,
        Heartbeat = options.Heartbeat,
        DetectionTimeout = options.DetectionTimeout,
    };
}
