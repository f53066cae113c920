using Appliance.Bench.Labs;
using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Chaos;

/// <summary>
/// Makes one round: all connections are protected, something happens, what is broken is mended, until all are protected again;
/// and then the next. Policy <c>full</c>, so that a node that was dead becomes a replica of the same connections.
/// </summary>
public sealed class ChaosRunner(BenchContext context)
{
    private const int EchoConnections = 100;
    private const string Configuration = "recorder: { policy: full, memoryBytes: 1GiB }";

    /// <summary>Two full cores are no failure; what is tried here is.</summary>
    private static readonly TimeSpan s_detection = TimeSpan.FromMilliseconds(100);

    /// <summary>Until the gateway has noticed what happened, and its states are exact again.</summary>
    private static readonly TimeSpan s_notice = TimeSpan.FromMilliseconds(400);

    private static readonly TimeSpan s_recovery = TimeSpan.FromSeconds(40);
    private bool _losesCopies;

    /// <summary>Makes it; ends early at the first step that fails, or when the time is up.</summary>
    public async Task<ChaosRound> RunAsync(int seed, int steps, Func<bool> isTimeUp, CancellationToken cancellation)
    {
        var dice = new ChaosDice(seed);
        _losesCopies = false;
        var options = new LabOptions { Name = "chaos", DetectionTimeout = s_detection, Output = context.Options.Output };
        await using var lab = await BenchLab.UpAsync(options, Configuration, cancellation);
        await lab.StartServersAsync(cancellation, LabHost.Node1, LabHost.Node2);
        var client = lab.StartClient(
            LabAddresses.Vip4, "--connections", $"{EchoConnections}", "--think-ms", "100", "--uploads", "1", "--stream-bytes", "20000000000", "--stream-rate", "2000000", "--wait-stop");
        await client.Connected.WaitAsync(cancellation);
        var done = new List<ChaosStep>();
        var before = await client.NextProgressAsync(cancellation);
        if (await RecoverAsync(lab, cancellation) is null)
        {
            throw new LabException(LabFailure.NotReady, "The connections were not protected before anything had happened.");
        }

        while (done.Count < steps && !isTimeUp() && done is not [.., { IsFailure: true }])
        {
            await Task.Delay(dice.Time(0, 400), cancellation);
            var action = dice.Action();
            var started = TimeProvider.System.GetTimestamp();
            var details = await ActAsync(lab, action, dice, cancellation);
            var recovery = await RecoverAsync(lab, cancellation) is not null ? TimeProvider.System.GetElapsedTime(started).TotalSeconds : (double?)null;
            var after = await client.NextProgressAsync(cancellation);
            var step = new ChaosStep
            {
                Action = action, Number = done.Count + 1, Details = details, RecoverySeconds = recovery,
                GapMs = after.MaxGapMs > before.MaxGapMs ? after.MaxGapMs : null,
                Lost = after.Lost - before.Lost, BytesCorrupted = after.BytesCorrupted - before.BytesCorrupted,
            };
            context.Say($"seed {seed}, {step}");
            before = after;
            done.Add(step);
            if (step.IsFailure)
            {
                var flows = await TryFlowsAsync(lab, cancellation);
                var report = step.Lost > 0 ? await client.StopAsync(cancellation) : null;
                context.KeepLogs(lab, $"seed {seed}, {step}", [.. done.Select(s => s.ToString()), .. report?.Errors ?? [], flows]);
            }
        }

        await client.AbortAsync();
        return new ChaosRound(seed, done, before.BytesVerified, before.MaxGapMs);
    }

    private static async Task<string> TryFlowsAsync(BenchLab lab, CancellationToken cancellation)
    {
        try
        {
            return await lab.Gateway.FlowsAsync(cancellation);
        }
        catch (HttpRequestException exception)
        {
            return $"the gateway does not answer: {exception.Message}";
        }
    }

    private async Task<string> ActAsync(BenchLab lab, ChaosAction action, ChaosDice dice, CancellationToken cancellation)
    {
        var primary = await lab.Laboratory.ResolveAsync(FaultRequest.Primary, cancellation);
        var backup = LabNames.Peer(primary);
        switch (action)
        {
            case ChaosAction.CrashPrimary:
                return await BreakAsync(lab, FaultKind.Crash, primary, restart: true, dice, cancellation);
            case ChaosAction.CrashBackup:
                return await BreakAsync(lab, FaultKind.Crash, backup, restart: true, dice, cancellation);
            case ChaosAction.CutPrimary:
                return await BreakAsync(lab, FaultKind.Cut, primary, restart: false, dice, cancellation);
            case ChaosAction.CutBackup:
                return await BreakAsync(lab, FaultKind.Cut, backup, restart: false, dice, cancellation);
            case ChaosAction.KillPrimaryServer:
                return await BreakAsync(lab, FaultKind.KillApp, primary, restart: true, dice, cancellation);
            case ChaosAction.KillBackupServer:
                return await BreakAsync(lab, FaultKind.KillApp, backup, restart: true, dice, cancellation);
            case ChaosAction.HangPrimaryServer:
                return await BreakAsync(lab, FaultKind.HangApp, primary, restart: false, dice, cancellation);
            case ChaosAction.HangBackupServer:
                return await BreakAsync(lab, FaultKind.HangApp, backup, restart: false, dice, cancellation);
            case ChaosAction.RestartGateway:
                return await BreakAsync(lab, FaultKind.Crash, LabHost.Gateway, restart: false, dice, cancellation);
            case ChaosAction.LoseCopies:
                var percent = _losesCopies ? 0 : dice.Pick(1, 5, 20);
                _losesCopies = percent > 0;
                await lab.Laboratory.FaultAsync(new FaultRequest(FaultKind.TapLoss, LabNames.Of(backup)) { BasisPoints = percent * 100 }, cancellation);
                return $"{percent} %";
            default:
                await lab.Gateway.SwitchOverAsync(cancellation);
                return $"from {LabNames.Of(primary)}";
        }
    }

    /// <summary>Breaks something and mends it a moment later.</summary>
    private async Task<string> BreakAsync(BenchLab lab, FaultKind kind, LabHost host, bool restart, ChaosDice dice, CancellationToken cancellation)
    {
        var pause = host == LabHost.Gateway ? dice.Time(0, 500) : dice.Time(50, 1500);
        if (_losesCopies && host != LabHost.Gateway)
        {
            // After a takeover the loss would hit what clients send to the service.
            await lab.Laboratory.FaultAsync(new FaultRequest(FaultKind.TapLoss, LabNames.Of(LabNames.Peer(host))) { BasisPoints = 0 }, cancellation);
            await lab.Laboratory.FaultAsync(new FaultRequest(FaultKind.TapLoss, LabNames.Of(host)) { BasisPoints = 0 }, cancellation);
            _losesCopies = false;
        }

        await lab.Laboratory.FaultAsync(new FaultRequest(kind, LabNames.Of(host)), cancellation);
        await Task.Delay(pause, cancellation);
        await lab.Laboratory.FaultAsync(new FaultRequest(FaultKind.Heal, LabNames.Of(host)), cancellation);
        if (restart)
        {
            await lab.StartServerAsync(host, cancellation);
        }

        return $"{LabNames.Of(host)}, for {pause.TotalMilliseconds:0} ms";
    }

    private static async Task<GatewayView?> RecoverAsync(BenchLab lab, CancellationToken cancellation)
    {
        await Task.Delay(s_notice, cancellation);
        var view = await lab.Gateway.WaitAsync(IsWhole, s_recovery, cancellation);
        return view is not null && IsWhole(view) ? view : null;

        static bool IsWhole(GatewayView view) =>
            view.Flows == EchoConnections + 1 && view.Recorder.Protected == view.Flows && view.Nodes.Count(node => node.Role == "active") == 1 && view.Nodes.All(node => node.Role is "active" or "replica");
    }
}
