using Appliance.Configuration;
using Microsoft.Extensions.Logging;

namespace Appliance.Node.Servers;

/// <summary>
/// Asks the node's own servers again and again whether they work, as the configuration says: a deadlock, or a server that can
/// open no further file, still listens and reads. What counts is decided at the gateway, by comparing both nodes.
/// </summary>
public sealed partial class ServerProbes : IDisposable
{
    private readonly IReadOnlyList<ProbeOptions> _probes;
    private readonly Action _changed;
    private readonly ILogger _logger;
    private readonly ProbeAttempt _attempt = new();
    private readonly ProbeLedger _ledger;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private volatile bool _isFailing;

    /// <summary>Starts asking.</summary>
    /// <param name="probes">What to ask; may be empty.</param>
    /// <param name="changed">Is called when <see cref="IsFailing"/> changes.</param>
    /// <param name="logger">Is told.</param>
    public ServerProbes(IReadOnlyList<ProbeOptions> probes, Action changed, ILogger logger)
    {
        _probes = probes;
        _changed = changed;
        _logger = logger;
        _ledger = new ProbeLedger([.. probes.Select(p => p.Failures)]);
        _running = Task.WhenAll(probes.Select((_, i) => Task.Run(() => RunAsync(i))));
    }

    /// <summary>A probe has failed as often in a row as it may.</summary>
    public bool IsFailing => _isFailing;

    /// <summary>Stops; a program that is asked is killed.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _running.Wait();
        _attempt.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(int index)
    {
        var probe = _probes[index];
        try
        {
            while (true)
            {
                Note(index, await _attempt.TryAsync(probe, _stop.Token));
                await Task.Delay(probe.Interval, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private void Note(int index, string? wrong)
    {
        bool hasChanged;
        bool wasFailing;
        lock (_gate)
        {
            wasFailing = _isFailing;
            hasChanged = _ledger.Note(index, wrong is null);
            _isFailing = _ledger.IsFailing;
        }
        if (hasChanged && wrong is null)
        {
            LogWell(_logger, _probes[index].Name);
        }
        else if (hasChanged)
        {
            LogFailing(_logger, _probes[index].Name, wrong!);
        }
        if (wasFailing != _isFailing)
        {
            _changed();
        }
    }

    [LoggerMessage(2411, LogLevel.Warning, "Probe '{Name}' fails: {Reason}")]
    private static partial void LogFailing(ILogger logger, string name, string reason);

    [LoggerMessage(2412, LogLevel.Information, "Probe '{Name}' succeeds again")]
    private static partial void LogWell(ILogger logger, string name);
}
