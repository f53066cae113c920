using Appliance.Lab.Daemons;
using Appliance.Lab.Demo.Reports;
using Appliance.Lab.Demo.Views;
using Appliance.Lab.Demo.Workloads;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Demo;

/// <summary>One death of a server under traffic, from the first connection to the verdict.</summary>
internal sealed class DemoRound(Laboratory lab, GatewayClient gateway, IDemoWorkload workload, DemoOptions options, IDemoView view)
{
    private static readonly TimeSpan s_protectTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_strictTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_takeoverTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(50);

    private long? _firstDataNs;
    private int _marked;

    /// <summary>Does all of it, in order.</summary>
    public async Task<FailoverReport> RunAsync(RoundPlan plan, CancellationToken cancellation)
    {
        await using var traffic = workload.StartTraffic(lab, plan);

        view.SetPhase("Waiting until the backup has every connection");
        await ProtectAsync(traffic, cancellation);

        view.SetPhase("Every connection has its replica in step");
        await ShowUntilAsync(traffic, Task.Delay(plan.Delay, cancellation), cancellation);
        var unprotected = await FindUnprotectedAsync(traffic, cancellation);
        var fault = await lab.FaultAsync(new FaultRequest(options.Fault, FaultRequest.Primary), cancellation);
        var failed = fault.Target!.Value;
        var survivor = LabNames.Peer(failed);
        view.SetPhase($"{LabNames.Of(failed)} is dead");

        var failover = await FollowTakeoverAsync(traffic, fault, LabNames.Of(survivor), cancellation);
        view.SetPhase($"{LabNames.Of(survivor)} serves");
        await ShowUntilAsync(traffic, Task.Delay(plan.After, cancellation), cancellation);

        view.SetPhase("Ending the traffic in order");
        var finish = traffic.FinishAsync(cancellation);
        await ShowUntilAsync(traffic, finish, cancellation);
        var outcome = await finish;
        view.Show(traffic.Progress);
        var firstData = _firstDataNs ?? await FirstDataAsync(traffic, failover, cancellation);
        var timeline = FailoverTimeline.Create(fault.AtNs, failover, firstData);
        MarkNew(timeline, traffic);
        return new FailoverReport(
            plan.Round,
            LabNames.Of(failed),
            LabNames.Of(survivor),
            unprotected is null ? outcome : outcome with { Errors = [unprotected, .. outcome.Errors] },
            timeline);
    }

    private async Task ProtectAsync(IDemoTraffic traffic, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var elapsed = TimeProvider.System.GetElapsedTime(started);
            var counts = await gateway.TryGetStatusAsync(cancellation) is { } status ? FlowCounts.Read(status.Raw) : default;
            if (counts.AreProtected(traffic.Connections, patient: elapsed > s_strictTime))
            {
                return;
            }

            if (traffic.HasEnded || elapsed > s_protectTime)
            {
                throw new LabException(
                    LabFailure.NotReady,
                    $"Of {traffic.Connections} connections {counts.Replicas} have a replica, {counts.InStep} in step, {counts.Diverged} diverged"
                        + $" {(traffic.HasEnded ? "when the clients ended" : $"after {elapsed.TotalSeconds:0} s")}. {traffic.Complaints}".TrimEnd());
            }

            view.Show(traffic.Progress);
            await Task.Delay(s_pollInterval, cancellation);
        }
    }

    /// <summary>A node that was taken for dead meanwhile has no replica of the connections that it then lost.</summary>
    private async Task<string?> FindUnprotectedAsync(IDemoTraffic traffic, CancellationToken cancellation)
    {
        if (await gateway.TryGetStatusAsync(cancellation) is not { } status)
        {
            return "the gateway did not answer before the fault";
        }

        var counts = FlowCounts.Read(status.Raw);
        return counts.Replicas >= traffic.Connections
            ? null
            : $"only {counts.Replicas} of {traffic.Connections} connections had a replica when the server died (epoch {status.Epoch})";
    }

    private async Task<GatewayEventRecord?> FollowTakeoverAsync(IDemoTraffic traffic, FaultRecord fault, string survivor, CancellationToken cancellation)
    {
        // Asking costs the machine time that the takeover needs.
        await Task.Delay(options.DetectionTimeout + options.DetectionTimeout, cancellation);
        var started = TimeProvider.System.GetTimestamp();
        GatewayEventRecord? failover = null;
        while (TimeProvider.System.GetElapsedTime(started) < s_takeoverTime && !traffic.HasEnded)
        {
            if (await gateway.TryGetStatusAsync(cancellation) is { } status)
            {
                failover = GatewayEventRecord.FindFailover(GatewayEventRecord.ReadAll(status.Raw), fault.AtNs, survivor);
            }

            view.Show(traffic.Progress);
            if (failover is { IsComplete: true })
            {
                _firstDataNs = await FirstDataAsync(traffic, failover, cancellation);
                MarkNew(FailoverTimeline.Create(fault.AtNs, failover, _firstDataNs), traffic);
                break;
            }

            await Task.Delay(s_pollInterval, cancellation);
        }

        return failover;
    }

    /// <summary>Data that comes after the backup has the order is its own: the dead node's was read long before.</summary>
    private static async Task<long?> FirstDataAsync(IDemoTraffic traffic, GatewayEventRecord? failover, CancellationToken cancellation) =>
        failover is { ReceivedNs: > 0 } ? await traffic.FirstDataAfterAsync(failover.ReceivedNs, cancellation) : null;

    private void MarkNew(FailoverTimeline timeline, IDemoTraffic traffic)
    {
        var steps = timeline.Steps(traffic.FirstDataText);
        foreach (var step in steps.Skip(_marked))
        {
            view.Mark(step);
        }

        _marked = steps.Count;
    }

    private async Task ShowUntilAsync(IDemoTraffic traffic, Task work, CancellationToken cancellation)
    {
        while (await Task.WhenAny(work, Task.Delay(s_pollInterval, cancellation)) != work)
        {
            cancellation.ThrowIfCancellationRequested();
            view.Show(traffic.Progress);
        }

        await work;
    }
}
