using Appliance.Configuration;
using Appliance.Native;
using Appliance.Node.Repair;
using Microsoft.Extensions.Logging;

namespace Appliance.Node;

/// <summary>
/// The thread that keeps replicas in step: it reads the programs' reports, releases held segments when their time has come,
/// and has what is missing fetched from the gateway.
/// </summary>
public sealed partial class RepairEngine : IDisposable
{
    private static readonly ulong BusyNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(1));
    private static readonly ulong IdleNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(20));

    /// <summary>A look at everything may cost a tenth of a processor.</summary>
    private const ulong CostFactor = 10;

    /// <summary>A thirtieth while nobody lacks anything, as long as it comes often enough nevertheless.</summary>
    private const ulong CalmCostFactor = 30;
    private static readonly ulong CalmNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(10));

    /// <summary>A look that took long once, such as on a machine that was stopped meanwhile, must not keep the gateway waiting.</summary>
    private static readonly ulong MostNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1));

    private readonly HeldSegments _held;
    private readonly DatagramDivergence _answers;
    private readonly DatagramSupply _datagrams;
    private readonly Resupply _resupply;
    private readonly RepairLink _link;
    private readonly ILogger _logger;
    private readonly DescriptorPoller _poller = new();
    private readonly Thread _thread;
    private volatile bool _stopping;
    private ulong _nextTickNs;
    private ulong _nextScanNs;

    /// <summary>Starts the engine's thread.</summary>
    public RepairEngine(NodeOptions options, NodeDataPath dataPath, Injector injector, ConnectionAttempts attempts, Divergence divergence, RepairLink link, ILogger logger)
    {
        _logger = logger;
        _link = link;
        _held = new HeldSegments(dataPath, injector, attempts, divergence, new OrderedServices(options.Services, dataPath, injector), logger);
        _answers = new DatagramDivergence(options, dataPath, link, logger);
        _datagrams = new DatagramSupply(dataPath, injector, link, _answers);
        _resupply = new Resupply(dataPath, injector, _held, _datagrams, divergence, link, logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "repair" };
        _thread.Start();
    }

    /// <summary>Segments held at the moment.</summary>
    public int Held => _held.Count;

    /// <summary>Stops the thread; held segments are dropped.</summary>
    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _held.Dispose();
        _datagrams.Dispose();
        _answers.Dispose();
    }

    private void Run()
    {
        var share = new RealtimeShare(priority: 1, busyNice: 0);
        while (!_stopping)
        {
            try
            {
                share.Review(MonotonicClock.Now);
                Wait();
                _held.ReadReports();
                _resupply.Pump(MonotonicClock.Now);
                Look(MonotonicClock.Now);
            }
            catch (Exception e)
            {
                LogFailed(_logger, e);
            }
        }
    }

    private void Wait()
    {
        var now = MonotonicClock.Now;
        var next = Math.Min(Math.Min(_nextScanNs, _nextTickNs), Math.Min(_datagrams.DueNs, _answers.DueNs));
        _poller.Clear();
        _poller.Add(_held.Descriptor, write: false);
        _link.Watch(_poller);
        _poller.Wait(next > now ? MonotonicClock.Duration(next - now) : TimeSpan.Zero);
    }

    private void Look(ulong nowNs)
    {
        _datagrams.Tick(nowNs);
        _answers.Tick(nowNs);
        var used = ThreadClock.Now;
        if (nowNs >= _nextTickNs)
        {
            // Reports release what waits; this only finds what they missed.
            _held.Tick(nowNs);
            _resupply.Hurry(nowNs);
            _nextTickNs = After(used, _held.Count > 0 || _resupply.Lacking > 0);
        }
        if (nowNs >= _nextScanNs)
        {
            used = ThreadClock.Now;
            _resupply.Scan(MonotonicClock.Now);
            _nextScanNs = After(used, _resupply.Count > 0);
            if (_resupply.Lacking == 0)
            {
                _nextScanNs = Math.Max(_nextScanNs, ThreadClock.DueAfter(used, CalmCostFactor, BusyNs, CalmNs));
            }
        }
    }

    private static ulong After(ulong used, bool isBusy) => ThreadClock.DueAfter(used, CostFactor, isBusy ? BusyNs : IdleNs, MostNs);

    [LoggerMessage(2001, LogLevel.Error, "The repair engine failed and goes on")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
