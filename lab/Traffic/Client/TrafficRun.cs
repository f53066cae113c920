using System.Net;
using Appliance.Lab.Traffic.Content;
using Appliance.Lab.Traffic.Measure;

namespace Appliance.Lab.Traffic.Client;

/// <summary>What the threads of one run share: its options, when to stop, and what has been counted.</summary>
internal sealed class TrafficRun
{
    private const int MaxErrors = 10;

    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly List<string> _errors = [];
    private long _finishRequestedAt;
    private volatile RunPhase _phase;
    private int _unsettled;
    private int _connectedCount;
    private int _lost;
    private int _connectRetries;
    private long _bytesVerified;
    private long _bytesCorrupted;

    public TrafficRun(TrafficClientOptions options)
    {
        Options = options;
        EchoAddress = new IPEndPoint(options.Target, options.EchoPort).Serialize();
        StreamAddress = new IPEndPoint(options.Target, options.StreamPort).Serialize();
        _unsettled = options.TotalConnections;
    }

    public TrafficClientOptions Options { get; }

    public SocketAddress EchoAddress { get; }

    public SocketAddress StreamAddress { get; }

    public GapLog Gaps { get; } = new();

    public ProgressTimeline Timeline { get; } = new();

    public long StartedAt { get; } = MonotonicTime.Now;

    /// <summary>Ends when every connection is established or given up.</summary>
    public Task Connected => _connected.Task;

    public RunPhase Phase => _phase;

    /// <summary>When echoes still missing count as lost; far away while running.</summary>
    public long EchoDeadline => Deadline(Options.EchoFinishTime);

    /// <summary>When streams still going count as lost; far away while running.</summary>
    public long StreamDeadline => Deadline(Options.StreamFinishTime);

    public int ConnectedCount => Volatile.Read(ref _connectedCount);

    public int Lost => Volatile.Read(ref _lost);

    public int ConnectRetries => Volatile.Read(ref _connectRetries);

    public long BytesVerified => Volatile.Read(ref _bytesVerified);

    public long BytesCorrupted => Volatile.Read(ref _bytesCorrupted);

    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_lock)
            {
                return [.. _errors];
            }
        }
    }

    public void Finish()
    {
        lock (_lock)
        {
            if (_phase == RunPhase.Running)
            {
                Volatile.Write(ref _finishRequestedAt, MonotonicTime.Now);
                _phase = RunPhase.Finishing;
            }
        }
    }

    public void Abort()
    {
        lock (_lock)
        {
            _phase = RunPhase.Aborted;
        }
    }

    public void AddConnected()
    {
        Interlocked.Increment(ref _connectedCount);
        AddSettled();
    }

    public void AddConnectRetry() => Interlocked.Increment(ref _connectRetries);

    /// <summary>A connection is established or given up.</summary>
    public void AddSettled()
    {
        if (Interlocked.Decrement(ref _unsettled) == 0)
        {
            _connected.TrySetResult();
        }
    }

    public void AddLost(string error)
    {
        Interlocked.Increment(ref _lost);
        lock (_lock)
        {
            if (_errors.Count < MaxErrors)
            {
                _errors.Add(error);
            }
        }
    }

    /// <summary>Counts received bytes, of which some differ.</summary>
    public void AddBytes(long total, long corrupted)
    {
        Interlocked.Add(ref _bytesVerified, total - corrupted);
        if (corrupted != 0)
        {
            Interlocked.Add(ref _bytesCorrupted, corrupted);
        }
    }

    private long Deadline(TimeSpan time) =>
        _phase == RunPhase.Running ? long.MaxValue : Volatile.Read(ref _finishRequestedAt) + MonotonicTime.From(time);
}
