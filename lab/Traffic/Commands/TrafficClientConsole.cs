using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Appliance.Lab.Traffic.Client;
using Appliance.Lab.Traffic.Measure;

namespace Appliance.Lab.Traffic.Commands;

/// <summary>
/// Runs the client as a process. stdout carries JSON lines: <c>progress</c> every 100 ms, <c>connected</c> once,
/// <c>report</c> last. stdin takes <c>stop</c>, <c>forget</c> (the waits so far), and <c>first TIME</c> (nanoseconds of CLOCK_MONOTONIC), answered by a
/// <c>first</c> line. The first SIGTERM or SIGINT stops in order, a second one aborts.
/// </summary>
/// <param name="options">The traffic.</param>
/// <param name="duration">Stop after this time; null for no limit.</param>
/// <param name="waitStop">Run until told to stop; otherwise and without duration until the streams are complete.</param>
internal sealed class TrafficClientConsole(TrafficClientOptions options, TimeSpan? duration, bool waitStop)
    : IProgress<TrafficProgress>, IDisposable
{
    private const int ExitClean = 0;
    private const int ExitUnclean = 1;
    private const int ExitUsage = 2;
    private const int ExitAborted = 130;

    /// <summary>Length of a run that nothing else ends.</summary>
    private static readonly TimeSpan s_defaultDuration = TimeSpan.FromSeconds(10);

    private readonly TrafficClient _client = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly Lock _lock = new();
    private bool _connectedPrinted;
    private int _signals;

    /// <summary>Runs to the end; returns the exit code.</summary>
    public int Run()
    {
        IReadOnlyList<string> errors = options.Validate();
        foreach (string error in errors)
        {
            Console.Error.WriteLine($"traffic-client: {error}");
        }

        return errors.Count > 0 ? ExitUsage : RunTraffic();
    }

    /// <inheritdoc/>
    public void Report(TrafficProgress value)
    {
        if (!_connectedPrinted && _client.Connected.IsCompleted)
        {
            _connectedPrinted = true;
            int failed = options.TotalConnections - value.Connected;
            Print(new ConnectedLine(value.Connected, failed, value.ConnectRetries), TrafficJson.Default.ConnectedLine);
        }

        Print(value, TrafficJson.Default.TrafficProgress);
        if (!waitStop && duration is null && options.Downloads + options.Uploads > 0 && value.StreamsRunning == 0)
        {
            _client.Stop();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _abort.Dispose();

    private int RunTraffic()
    {
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var timer = new Timer(_ => _client.Stop(), null, Length(), Timeout.InfiniteTimeSpan);
        _ = LongRunning.Start("stdin", ReadOrders);
        try
        {
            TrafficReport report = _client.RunAsync(options, this, _abort.Token).GetAwaiter().GetResult();
            Print(report, TrafficJson.Default.TrafficReport);
            return report.IsClean ? ExitClean : ExitUnclean;
        }
        catch (OperationCanceledException)
        {
            return ExitAborted;
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            Console.Error.WriteLine($"traffic-client: {exception.Message}");
            return ExitUnclean;
        }
    }

    private TimeSpan Length()
    {
        bool endless = waitStop || options.Downloads + options.Uploads > 0;
        return duration ?? (endless ? Timeout.InfiniteTimeSpan : s_defaultDuration);
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) == 1)
        {
            _client.Stop();
        }
        else
        {
            _abort.Cancel();
        }
    }

    private void ReadOrders()
    {
        while (Console.In.ReadLine() is { } line)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["stop"])
            {
                _client.Stop();
            }
            else if (words is ["forget"])
            {
                _client.ForgetGaps();
            }
            else if (words is ["first", var text]
                && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long time))
            {
                var answer = new FirstProgressLine(time, _client.FirstProgressAfter(time));
                Print(answer, TrafficJson.Default.FirstProgressLine);
            }
        }

        if (waitStop)
        {
            _client.Stop();
        }
    }

    private void Print<T>(T line, JsonTypeInfo<T> type)
    {
        string json = JsonSerializer.Serialize(line, type);
        lock (_lock)
        {
            Console.Out.WriteLine(json);
            Console.Out.Flush();
        }
    }
}
