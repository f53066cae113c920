using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Appliance.Lab;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Commands;
using Appliance.Lab.Traffic.Measure;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Support;

/// <summary>A running <c>traffic-client</c> on the lab's client machine: it checks every byte that it receives.</summary>
internal sealed class RunningTraffic : IDisposable
{
    private readonly Process _process;

    private RunningTraffic(Process process) => _process = process;

    /// <summary>Starts the client.</summary>
    public static RunningTraffic Start(Laboratory lab, string tool, string address, params string[] options)
    {
        var command = lab.CommandOn(LabHost.Client, [tool, "traffic-client", address, .. options, .. Pace(options)]);
        return new RunningTraffic(Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
    }

    /// <summary>
    /// 2,000 messages a second of all connections together, unless something else is asked for: a slow machine that has to work off a backlog
    /// beside that is not to be at its limit before.
    /// </summary>
    private static string[] Pace(string[] options)
    {
        const int LeastThinkMs = 20;
        const int ConnectionsPerMs = 2;
        var at = Array.IndexOf(options, "--connections");
        return at < 0 || options.Contains("--think-ms")
            ? []
            : ["--think-ms", $"{Math.Max(LeastThinkMs, int.Parse(options[at + 1], CultureInfo.InvariantCulture) / ConnectionsPerMs)}"];
    }

    /// <summary>Reads its reports until one is as it has to be.</summary>
    public async Task UntilAsync(Func<TrafficProgress, bool> condition, TimeSpan limit, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(limit);
        while (await _process.StandardOutput.ReadLineAsync(end.Token) is { } line)
        {
            if (TypeOf(line) == "progress" && condition(JsonSerializer.Deserialize(line, TrafficJson.Default.TrafficProgress)!))
            {
                return;
            }
        }

        Assert.Fail("traffic-client ended early");
    }

    /// <summary>Sends it a signal.</summary>
    public void Signal(UnixSignal signal) => ProcessTable.Signal(_process.Id, signal);

    /// <summary>Has it forget the waits so far.</summary>
    public async Task ForgetAsync()
    {
        await _process.StandardInput.WriteLineAsync("forget");
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Tells it to stop, and waits for its account.</summary>
    public async Task<TrafficReport> FinishAsync(CancellationToken cancellation)
    {
        await _process.StandardInput.WriteLineAsync("stop");
        await _process.StandardInput.FlushAsync(cancellation);
        return await ReportAsync(cancellation);
    }

    /// <summary>Waits for its account, which it gives when its streams are complete.</summary>
    public async Task<TrafficReport> ReportAsync(CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(TimeSpan.FromSeconds(60));
        while (await _process.StandardOutput.ReadLineAsync(end.Token) is { } line)
        {
            if (TypeOf(line) == "report")
            {
                return JsonSerializer.Deserialize(line, TrafficJson.Default.TrafficReport)!;
            }
        }

        throw new AssertFailedException("traffic-client ended without a report");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static string? TypeOf(string line) => JsonElement.Parse(line).GetProperty("type").GetString();
}
