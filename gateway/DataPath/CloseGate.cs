using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.Gateway.Control;
using Appliance.Gateway.Recording;
using Appliance.Native;
using Appliance.Net;

namespace Appliance.Gateway.DataPath;

/// <summary>
/// Bounds the wait of a close by the active node for the replica's (bpf/gateway_close.h): after
/// <see cref="GatewayOptions.CloseTimeout"/>, or when no live replica is left, it passes; later while replicas are being made. A FIN is repeated by the active node
/// itself; a reset is not, so the server is asked for it. When many connections are closed that the replica keeps, the service moves there.
/// </summary>
public sealed partial class CloseGate(GatewayOptions options, GatewayDataPath dataPath, ControlLoop control, LinkInfo lan, ILogger<CloseGate> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>A replica that is being made catches up first: its server may not have come to the close yet.</summary>
    private const ulong MakingFactor = 5;

    /// <summary>After this part of the longest wait, a close counts as one that the replica does not make.</summary>
    private const ulong LonePart = 3;

    private readonly ulong _timeoutNs = MonotonicClock.Nanoseconds(options.CloseTimeout);
    private readonly List<FlowKey> _keys = [];
    private readonly List<Flow> _flows = [];
    private ulong _seen;
    private ulong _lookUntilNs;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var probe = new ServerProbe(lan.Index, new MacAddress(lan.Mac.GetAddressBytes()));
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                Look(probe, MonotonicClock.Now);
            }
            catch (Exception e)
            {
                LogFailed(logger, e);
            }
        }
    }

    /// <summary>The whole table, but only for a while after a close was held.</summary>
    private void Look(ServerProbe probe, ulong nowNs)
    {
        var held = dataPath.Counters.Snapshot()["close_held"];
        if (held != _seen)
        {
            _seen = held;
            _lookUntilNs = nowNs + ((MakingFactor + 1) * _timeoutNs) + MonotonicClock.Nanoseconds(2 * Interval);
        }
        if (nowNs > _lookUntilNs)
        {
            return;
        }
        var active = dataPath.Assignment.Active;
        var turnedNs = dataPath.TurnedNs;
        var isOpen = dataPath.Gate == 0;
        var released = 0;
        var lone = default(LoneCloses);
        dataPath.Flows.CopyTo(_keys, _flows);
        for (var i = 0; i < _keys.Count; i++)
        {
            var flow = _flows[i];
            var isHeld = flow.IsHeldBy(active, turnedNs);
            var isMaking = isHeld && dataPath.Making.TryGet(_keys[i], out _);
            lone.See(flow, isHeld && !isOpen && !isMaking && nowNs > flow.HeldNs + (_timeoutNs / LonePart));
            var patienceNs = isMaking ? MakingFactor * _timeoutNs : isOpen ? 0 : _timeoutNs;
            if (!isHeld || nowNs < flow.HeldNs + patienceNs
                || (dataPath.Ungated.TryGet(_keys[i], out var sinceNs) && sinceNs > flow.HeldNs))
            {
                continue;
            }
            dataPath.Ungated.Set(_keys[i], nowNs);
            probe.Send(_keys[i], flow, flow.ServerAck);
            released++;
        }
        if (lone.AreMany)
        {
            control.Relieve();
        }
        if (released > 0)
        {
            LogReleased(logger, released);
        }
    }

    [LoggerMessage(1111, LogLevel.Warning, "{Connections} closes by the active node pass although the replica does not close")]
    private static partial void LogReleased(ILogger logger, int connections);

    [LoggerMessage(1112, LogLevel.Error, "A look at the closes failed; the next one follows")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
