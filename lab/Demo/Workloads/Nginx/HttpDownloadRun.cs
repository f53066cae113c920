using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Appliance.Lab.Traffic;
using Appliance.Lab.Traffic.Client;
using Appliance.Lab.Traffic.Commands;
using Appliance.Lab.Traffic.Content;
using Appliance.Lab.Traffic.Measure;

namespace Appliance.Lab.Demo.Workloads.Nginx;

/// <summary>
/// Parallel downloads as a process, with the same lines as <c>traffic-client</c>: <c>progress</c> every 100 ms and at
/// last <c>report</c> on standard output, <c>stop</c> and <c>first TIME</c> on standard input.
/// </summary>
/// <param name="options">Target, port, number, length, rate and seed.</param>
/// <param name="path">The file's path on the server.</param>
internal sealed class HttpDownloadRun(TrafficClientOptions options, string path)
{
    private const int IntervalMs = 100;

    private readonly TrafficRun _run = new(options);
    private readonly Lock _lock = new();

    /// <summary>Downloads everything; the exit code is 0 only if every byte arrived and was right.</summary>
    public int Execute()
    {
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Abort);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Abort);
        var sha256 = new TrafficPattern(options.Seed).Sha256(options.StreamBytes);
        StreamTransfer[] downloads = [.. Enumerable.Range(0, options.Downloads).Select(index => new HttpDownload(_run, path, sha256, index))];
        var summary = new TrafficSummary(_run, echo: null, downloads);
        _ = LongRunning.Start("stdin", ReadOrders);
        var work = Task.WhenAll(downloads.Select((download, index) => LongRunning.Start($"download {index}", download.Execute)));
        while (!work.Wait(IntervalMs))
        {
            var total = (double)options.StreamBytes * downloads.Length;
            var fraction = downloads.Sum(download => download.Transferred) / total;
            Print(summary.Progress() with { DownloadFraction = fraction }, TrafficJson.Default.TrafficProgress);
        }

        var report = summary.Report();
        Print(report, TrafficJson.Default.TrafficReport);
        return report.IsClean ? 0 : 1;
    }

    private void Abort(PosixSignalContext context)
    {
        context.Cancel = true;
        _run.Abort();
    }

    private void ReadOrders()
    {
        while (Console.In.ReadLine() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["stop"])
            {
                _run.Finish();
            }
            else if (words is ["first", var text] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var time))
            {
                Print(new FirstProgressLine(time, _run.Timeline.FirstAfter(time, MonotonicTime.Now)), TrafficJson.Default.FirstProgressLine);
            }
        }
    }

    private void Print<T>(T line, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.Serialize(line, type);
        lock (_lock)
        {
            Console.Out.WriteLine(json);
            Console.Out.Flush();
        }
    }
}
