using System.Diagnostics;
using System.Text.Json;
using Appliance.Lab;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Commands;
using Appliance.Lab.Traffic.Measure;

namespace Appliance.Bench.Labs;

/// <summary>The traffic client as a process of its own on the client's host, so that its CPU time is nobody else's.</summary>
public sealed class TrafficClientProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;
    private readonly Task<string> _errors;
    private readonly TaskCompletionSource<ConnectedLine> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TrafficReport> _report = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource<TrafficProgress> _next = NewProgress();

    private TrafficClientProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Ends when every connection is established or given up.</summary>
    public Task<ConnectedLine> Connected => _connected.Task;

    /// <summary>What became of all connections.</summary>
    public Task<TrafficReport> Report => _report.Task;

    /// <summary>Starts it; it runs until told to stop.</summary>
    public static TrafficClientProcess Start(Laboratory laboratory, string target, params string[] arguments)
    {
        var command = laboratory.CommandOn(LabHost.Client, [BenchPaths.TrafficProgram, "traffic-client", target, .. arguments]);
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new TrafficClientProcess(Process.Start(start)!);
    }

    /// <summary>The next report of progress; they come every 100 ms.</summary>
    public Task<TrafficProgress> NextProgressAsync(CancellationToken cancellation) => _next.Task.WaitAsync(cancellation);

    /// <summary>Stops in order: outstanding echoes come in, streams complete, connections close.</summary>
    public async Task<TrafficReport> StopAsync(CancellationToken cancellation)
    {
        await OrderAsync("stop", cancellation);
        return await Report.WaitAsync(cancellation);
    }

    /// <summary>The worst wait that is reported is the worst from now on.</summary>
    public Task ForgetGapsAsync(CancellationToken cancellation) => OrderAsync("forget", cancellation);

    private async Task OrderAsync(string order, CancellationToken cancellation)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(order.AsMemory(), cancellation);
            await _process.StandardInput.FlushAsync(cancellation);
        }
        catch (IOException)
        {
            // It has ended by itself; its report tells how.
        }
    }

    /// <summary>Ends it at once, its connections with it.</summary>
    public async Task AbortAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        await _reading;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await AbortAsync();
        await _errors;
        _process.Dispose();
    }

    private static TaskCompletionSource<TrafficProgress> NewProgress() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            Take(line);
        }

        var failure = new LabException(LabFailure.CommandFailed, $"The traffic client ended early. {(await _errors).Trim()}".TrimEnd());
        Fail(_connected, failure);
        Fail(_report, failure);
        Fail(_next, failure);
    }

    private void Take(string line)
    {
        switch (JsonElement.Parse(line).GetProperty("type").GetString())
        {
            case "progress":
                var progress = JsonSerializer.Deserialize(line, TrafficJson.Default.TrafficProgress)!;
                Interlocked.Exchange(ref _next, NewProgress()).TrySetResult(progress);
                break;
            case "connected":
                _connected.TrySetResult(JsonSerializer.Deserialize(line, TrafficJson.Default.ConnectedLine)!);
                break;
            case "report":
                _report.TrySetResult(JsonSerializer.Deserialize(line, TrafficJson.Default.TrafficReport)!);
                break;
            default:
                break;
        }
    }

    /// <summary>Nobody may be waiting, and then nobody is to be told.</summary>
    private static void Fail<T>(TaskCompletionSource<T> source, Exception failure)
    {
        source.TrySetException(failure);
        _ = source.Task.Exception;
    }
}
