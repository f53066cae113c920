using Appliance.Bench.Labs;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Throughput;

/// <summary>Looks at the replica twice a second while a stream runs.</summary>
public sealed class StepWatch(GatewayApi gateway)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    private int _firstDiverged = -1;
    private int _lastDiverged;

    /// <summary>How often it looked.</summary>
    public int Looks { get; private set; }

    /// <summary>How often there was a replica.</summary>
    public int WithReplica { get; private set; }

    /// <summary>How often it was in step.</summary>
    public int InStep { get; private set; }

    /// <summary>Replicas given up between the first look and the last.</summary>
    public int Diverged => Math.Max(0, _lastDiverged - Math.Max(0, _firstDiverged));

    /// <summary>Looks until the time is over.</summary>
    public async Task WatchAsync(TimeSpan time, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) + s_interval < time)
        {
            await Task.Delay(s_interval, cancellation);
            var view = await gateway.TryReadAsync(cancellation);
            if (view?.Find(LabNames.Of(LabHost.Node2)) is { } backup)
            {
                Note(backup);
            }
        }

        var left = time - TimeProvider.System.GetElapsedTime(started);
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellation);
    }

    private void Note(NodeFlows backup)
    {
        Looks++;
        WithReplica += backup.Replicas > 0 ? 1 : 0;
        InStep += backup.InStep > 0 ? 1 : 0;
        _firstDiverged = _firstDiverged < 0 ? backup.Diverged : _firstDiverged;
        _lastDiverged = backup.Diverged;
    }
}
