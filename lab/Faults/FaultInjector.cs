using System.Globalization;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.State;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Faults;

/// <summary>Makes faults. Everything that takes time is prepared before the fault's instant is noted.</summary>
public sealed class FaultInjector(LabNames names, LabState state, LinkControl links)
{
    /// <summary>Makes one fault on a host that was resolved already.</summary>
    /// <exception cref="LabException">The fault does not fit the host.</exception>
    public async Task<FaultRecord> InjectAsync(FaultRequest request, LabHost target, CancellationToken cancellation) => (request.Kind, target) switch
    {
        (FaultKind.Crash, LabHost.Gateway) => KillGateway(),
        (FaultKind.Crash, LabHost.Node1 or LabHost.Node2) => CrashNode(target),
        (FaultKind.Cut, LabHost.Node1 or LabHost.Node2) => CutNode(target),
        (FaultKind.KillApp, LabHost.Node1 or LabHost.Node2) => SignalServer(request.Kind, target, UnixSignal.Kill),
        (FaultKind.HangApp, LabHost.Node1 or LabHost.Node2) => HangServer(target, request.Duration),
        (FaultKind.TapLoss, LabHost.Node1 or LabHost.Node2) => await LoseCopiesAsync(target, request.BasisPoints, cancellation),
        _ => throw new LabException(LabFailure.InvalidArgument, $"This fault cannot be made on {LabNames.Of(target)}."),
    };

    private FaultRecord CrashNode(LabHost node)
    {
        var identity = NetworkNamespace.TryGetIdentity(names.Namespace(node));
        var cut = CutNode(node);
        return cut with { Fault = FaultKind.Crash, Pids = ProcessTable.KillAll(identity) };
    }

    private FaultRecord CutNode(LabHost node)
    {
        var port = LabNames.SwitchPort(node);
        var before = Monotonic.NowNs;
        links.Set(port, up: false);
        return new FaultRecord(FaultKind.Cut, node, before, Monotonic.NowNs) { Active = true };
    }

    private FaultRecord KillGateway()
    {
        var daemon = state.Daemons.FirstOrDefault(candidate => candidate.Host == LabHost.Gateway && candidate.Process.IsAlive())
            ?? throw new LabException(LabFailure.InvalidArgument, "No gateway program is running in this lab.");
        var before = Monotonic.NowNs;
        daemon.Process.Signal(UnixSignal.Kill);
        return new FaultRecord(FaultKind.Crash, LabHost.Gateway, before, Monotonic.NowNs) { Active = true, Pids = [daemon.Process.Pid] };
    }

    private FaultRecord HangServer(LabHost node, TimeSpan? duration)
    {
        var fault = SignalServer(FaultKind.HangApp, node, UnixSignal.Stop);
        if (duration is not { } span)
        {
            return fault;
        }

        var seconds = span.TotalSeconds.ToString("0.######", CultureInfo.InvariantCulture);
        string[] timer = ["sh", "-c", $"sleep {seconds}; kill -CONT {string.Join(' ', fault.Pids)}"];
        using var process = LabProcess.Start(timer, "/dev/null");
        return fault with
        {
            UntilNs = fault.AtNs + (long)span.TotalNanoseconds,
            Timer = ProcessStamp.Of(process.Pid),
        };
    }

    private FaultRecord SignalServer(FaultKind kind, LabHost node, UnixSignal signal)
    {
        var agents = state.Daemons.Where(daemon => daemon.Host == node).Select(daemon => daemon.Process.Pid).ToHashSet();
        var pids = ServerProcesses.Find(names.Namespace(node), agents);
        if (pids.Count == 0)
        {
            throw new LabException(LabFailure.InvalidArgument, $"Nothing listens on {LabNames.Of(node)}: start a server there first.");
        }

        var before = Monotonic.NowNs;
        foreach (var pid in pids)
        {
            ProcessTable.Signal(pid, signal);
        }

        return new FaultRecord(kind, node, before, Monotonic.NowNs) { Active = true, Pids = pids };
    }

    private async Task<FaultRecord> LoseCopiesAsync(LabHost replica, int basisPoints, CancellationToken cancellation)
    {
        var before = Monotonic.NowNs;
        await TapLossRules.LoadAsync(names, replica, basisPoints, cancellation);
        return new FaultRecord(FaultKind.TapLoss, replica, before, Monotonic.NowNs)
        {
            Active = basisPoints > 0,
            BasisPoints = basisPoints,
        };
    }
}
