using Appliance.Bench.Labs;
using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Compatibility;

/// <summary>Crashes the primary of a server under load.</summary>
public sealed class CaseRunner(BenchContext context)
{
    private static readonly TimeSpan s_detection = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_stepTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_after = TimeSpan.FromSeconds(2);

    /// <summary>Makes one crash.</summary>
    public async Task<CaseRun> RunAsync(ServerCase server, CancellationToken cancellation)
    {
        var more = server.Service.Length == 0 ? "" : $", {server.Service}";
        var configuration = $$"""services: [{ name: all, addresses: ["{{LabAddresses.Vip4}}", "{{LabAddresses.Vip6}}"]{{more}} }]""";
        await using var lab = await BenchLab.UpAsync(new LabOptions { Name = "compatibility", DetectionTimeout = s_detection }, configuration, cancellation);
        foreach (var node in LabNames.Nodes)
        {
            lab.StartProgram(node, await server.Start(lab, node, cancellation), lab.Log($"server-{LabNames.Of(node)}")).Dispose();
            await lab.ListeningAsync(node, server.Port, cancellation);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var load = Task.Run(() => server.Load.RunAsync(lab, stop.Token, cancellation), cancellation);
        await lab.Gateway.WaitAsync(static status => status.Flows > 0, s_stepTime, cancellation);
        await Task.Delay(context.RandomTime(1500, 2500), cancellation);
        var before = await lab.Gateway.ReadAsync(cancellation);
        var fault = await lab.Laboratory.FaultAsync(new FaultRequest(FaultKind.Crash, LabNames.Of(LabHost.Node1)), cancellation);
        await lab.Gateway.WaitAsync(status => status.TakeoverAfter(fault.AtNs, LabNames.Of(LabHost.Node2)) is not null, s_stepTime, cancellation);
        await Task.Delay(s_after, cancellation);
        await stop.CancelAsync();
        var run = new CaseRun(before.Flows, before.Recorder.Protected, before.Recorder.Diverged, await load);
        if (run.Load.Wrong > 0 || (run.Load.Lost > run.Flows - run.Protected))
        {
            context.KeepLogs(lab, $"{server.Name}: {run.Load.Lost} lost, {run.Load.Wrong} wrong", []);
        }

        return run;
    }
}
