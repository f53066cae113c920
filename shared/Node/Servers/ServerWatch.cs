using System.Net;
using System.Runtime.InteropServices;
using Appliance.Bpf;
using Appliance.Configuration;
using Appliance.ControlPlane;
using Appliance.Native;
using Appliance.Net;
using Microsoft.Extensions.Logging;

namespace Appliance.Node.Servers;

/// <summary>
/// Watches the servers of the protected services, whatever programs they are: a listener that is gone, and input that nobody
/// reads. It asks the kernel (<see cref="SocketDiagnostics"/>), so nothing has to be configured. What counts is decided at the
/// gateway, by comparing both nodes.
/// </summary>
public sealed partial class ServerWatch : IDisposable
{
    /// <summary>
    /// Sockets that are looked at closely, with waiting input and without: a server that hangs takes from none of the former,
    /// and one that lives takes what comes on the latter.
    /// </summary>
    private const int Sample = 8;

    private const int Priority = 1;

    /// <summary>Listing sockets may cost a fiftieth of a processor.</summary>
    private const ulong CostFactor = 50;

    /// <summary>However dear a look was: the first ones are compiled on the way.</summary>
    private static readonly ulong MostNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(200));

    /// <summary>The programs tell of listeners that go; this finds new ones.</summary>
    private static readonly ulong ListenNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(50));

    /// <summary>Between two looks at listeners at least, however many of the host's go.</summary>
    private static readonly ulong HasteNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(0.5));

    /// <summary>In haste, looks may cost a fifth of a processor.</summary>
    private const ulong HasteFactor = 5;
    private static readonly ulong StallNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(50));

    private readonly NodeOptions _options;
    private readonly HashSet<IPAddress> _addresses;
    private readonly RingLog _gone;
    private readonly Action<IReadOnlyCollection<int>> _changed;
    private readonly ILogger _logger;
    private readonly SocketDiagnostics _sockets = new();
    private readonly ListenerLedger _ledger = new();
    private readonly StallJudge _stalls = new();
    private readonly List<SocketEntry> _entries = [];
    private readonly HashSet<int> _listening = [];
    private readonly HashSet<ulong> _dying = [];
    private readonly HashSet<ulong> _sampled = [];
    private readonly WakeUp _stop = new();
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private ServerCondition _condition;
    private bool _failed;

    /// <summary>Starts watching.</summary>
    /// <param name="options">The services.</param>
    /// <param name="gone">The cookies of listeners that die with their processes, and 0 when one may have gone; is disposed of with this.</param>
    /// <param name="changed">Is told, on the watch's thread, when servers have begun or ended, the ports where they have ended.</param>
    /// <param name="logger">Is told.</param>
    public ServerWatch(NodeOptions options, RingLog gone, Action<IReadOnlyCollection<int>> changed, ILogger logger)
    {
        _options = options;
        _addresses = [.. options.VirtualAddresses];
        _gone = gone;
        _changed = changed;
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = "servers" };
        _thread.Start();
    }

    /// <summary>As of the last look.</summary>
    public ServerCondition Condition
    {
        get
        {
            lock (_gate)
            {
                return _condition;
            }
        }
    }

    /// <summary>Stops watching.</summary>
    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
        _sockets.Dispose();
        _gone.Dispose();
    }

    private void Run()
    {
        Realtime.TryRaise(Priority);
        var poller = new DescriptorPoller();
        var listenAtNs = 0UL;
        var soonestNs = 0UL;
        var stallAtNs = 0UL;
        while (true)
        {
            var now = MonotonicClock.Now;
            var next = Math.Min(listenAtNs, stallAtNs);
            poller.Clear();
            var stop = poller.Add(_stop.Descriptor, write: false);
            var gone = poller.Add(_gone.Descriptor, write: false);
            poller.Wait(next > now ? MonotonicClock.Duration(next - now) : TimeSpan.Zero);
            if (poller.IsReadable(stop))
            {
                return;
            }
            try
            {
                now = MonotonicClock.Now;
                if (poller.IsReadable(gone))
                {
                    ReadGone();
                    listenAtNs = Math.Min(listenAtNs, soonestNs);
                }
                if (now >= listenAtNs)
                {
                    var used = ThreadClock.Now;
                    LookAtListeners();
                    soonestNs = ThreadClock.DueAfter(used, HasteFactor, HasteNs, MostNs);
                    listenAtNs = _ledger.IsInDoubt ? soonestNs : ThreadClock.DueAfter(used, CostFactor, ListenNs, MostNs);
                }
                if (now >= stallAtNs)
                {
                    var used = ThreadClock.Now;
                    // A list of all connections takes milliseconds, which the traffic needs more.
                    Realtime.Lower(nice: 0);
                    LookForStalls();
                    Realtime.TryRaise(Priority);
                    stallAtNs = ThreadClock.DueAfter(used, CostFactor, StallNs, MostNs);
                }
            }
            catch (Exception e)
            {
                LogFailed(_logger, e);
                listenAtNs = stallAtNs = MonotonicClock.Now + StallNs;
            }
        }
    }

    private void ReadGone()
    {
        while (_gone.TryPeek(out var cookie))
        {
            _dying.Add(MemoryMarshal.Read<ulong>(cookie));
            _gone.Advance();
        }
        _gone.Release(_gone.Position);
    }

    private void LookAtListeners()
    {
        if (!TryList(SocketDiagnostics.Listening))
        {
            return;
        }
        _listening.Clear();
        _dying.IntersectWith(_entries.Select(entry => entry.Id.Cookie)); // the others are gone
        foreach (var entry in _entries)
        {
            if (IsProtected(entry) && !_dying.Contains(entry.Id.Cookie))
            {
                _listening.Add(entry.Id.LocalPort);
            }
        }
        var changed = _ledger.Update(_listening);
        if (changed.Count == 0)
        {
            return;
        }
        lock (_gate)
        {
            _condition = _condition with { Ended = _ledger.Ended };
        }
        _changed([.. changed.Where(port => !_listening.Contains(port))]);
        foreach (var port in changed)
        {
            if (_listening.Contains(port))
            {
                LogBegan(_logger, port);
            }
            else
            {
                LogEnded(_logger, port);
            }
        }
    }

    private void LookForStalls()
    {
        if (!TryList(SocketDiagnostics.Readable))
        {
            return;
        }
        _stalls.Begin();
        // Those of the last look first: a socket that is merely not looked at any more would pass for progress.
        See(waiting: true, again: false, See(waiting: true, again: true, 0));
        See(waiting: false, again: false, See(waiting: false, again: true, 0));
        var stalled = MonotonicClock.Duration(_stalls.End(MonotonicClock.Now));
        _sampled.Clear();
        _sampled.UnionWith(_stalls.Seen);
        lock (_gate)
        {
            _condition = _condition with { Stalled = stalled };
        }
    }

    private int See(bool waiting, bool again, int seen)
    {
        foreach (var entry in _entries)
        {
            if (seen == Sample)
            {
                break;
            }
            if (entry.ReceiveQueue > 0 == waiting && _sampled.Contains(entry.Id.Cookie) == again && IsProtected(entry) && _sockets.BytesReceived(entry) is { } received)
            {
                seen++;
                _stalls.See(entry.Id.Cookie, received - entry.ReceiveQueue, waiting);
            }
        }
        return seen;
    }

    private bool TryList(uint states)
    {
        var result = _sockets.List(states, _entries);
        if (!result.IsOk && !_failed)
        {
            _failed = true;
            LogBlind(_logger, result.ToString());
        }
        return result.IsOk && !result.IsInterrupted;
    }

    private bool IsProtected(in SocketEntry entry)
    {
        var address = entry.Id.LocalAddress(entry.Family);
        var port = entry.Id.LocalPort;
        var isWildcard = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        if (!isWildcard && !_addresses.Contains(address))
        {
            return false;
        }
        foreach (var service in _options.Services)
        {
            if (service.Protocol != ServiceProtocol.Udp && (isWildcard || service.Addresses.Contains(address))
                && service.Ports.Any(range => range.First <= port && port <= range.Last))
            {
                return true;
            }
        }
        return false;
    }

    [LoggerMessage(2401, LogLevel.Warning, "The server at port {Port} has ended")]
    private static partial void LogEnded(ILogger logger, int port);

    [LoggerMessage(2402, LogLevel.Information, "A server listens at port {Port} again")]
    private static partial void LogBegan(ILogger logger, int port);

    [LoggerMessage(2403, LogLevel.Warning, "Servers cannot be watched: {Reason}. A server that ends or hangs is not noticed")]
    private static partial void LogBlind(ILogger logger, string reason);

    [LoggerMessage(2404, LogLevel.Error, "A look at the servers failed; the next one follows")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
