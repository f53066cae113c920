using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording;
using Appliance.Native;

namespace Appliance.Gateway.DataPath;

/// <summary>Forgets connections that are over, once a second, and counts the others.</summary>
public sealed partial class FlowSweeper(GatewayDataPath dataPath, Recorder recorder, ILogger<FlowSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly ulong LingerNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1));

    /// <summary>A connection that said nothing for a day has outlived every keepalive (2 h, RFC 9293 section 3.8.4).</summary>
    private static readonly ulong SilenceNs = MonotonicClock.Nanoseconds(TimeSpan.FromDays(1));

    private readonly List<FlowKey> _keys = [];
    private readonly List<Flow> _flows = [];
    private int _open;

    /// <summary>Connections open at the last look.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                Sweep(MonotonicClock.Now);
            }
            catch (Exception e)
            {
                LogFailed(logger, e);
            }
        }
    }

    private void Sweep(ulong nowNs)
    {
        dataPath.Flows.CopyTo(_keys, _flows);
        var open = 0;
        for (var i = 0; i < _keys.Count; i++)
        {
            var flow = _flows[i];
            var idle = nowNs > flow.LastNs ? nowNs - flow.LastNs : 0;
            if (idle > SilenceNs || (flow.IsOver && idle > LingerNs))
            {
                // The copy that was judged is milliseconds old: a new connection may have taken the same ports.
                if (dataPath.Flows.TryGet(_keys[i], out var current) && current.OpenedNs == flow.OpenedNs && current.LastNs == flow.LastNs)
                {
                    dataPath.Flows.Remove(_keys[i]);
                    recorder.Close(_keys[i], current);
                }
            }
            else if (!flow.IsOver)
            {
                open++;
            }
        }
        Volatile.Write(ref _open, open);
    }

    [LoggerMessage(1101, LogLevel.Error, "A look at the flows failed; the next one follows")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
