using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Appliance.Lab.Demo.Reports;
using Appliance.Lab.Demo.Views;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Commands;
using Appliance.Lab.Traffic.Measure;

namespace Appliance.Lab.Demo.Workloads;

/// <summary>
/// Clients that are a command of this tool: JSON lines of progress and at last a report on standard output,
/// <c>stop</c> and <c>first TIME</c> on standard input.
/// </summary>
internal sealed class MeasuredTraffic : IDemoTraffic
{
    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_finishTime = TimeSpan.FromSeconds(90);

    private readonly ConcurrentDictionary<long, TaskCompletionSource<long?>> _questions = new();
    private readonly Func<TrafficProgress, IReadOnlyList<ProgressItem>> _describe;
    private readonly ChildProgram _program;
    private volatile TrafficProgress? _progress;
    private volatile TrafficReport? _report;

    /// <summary>Starts the clients.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="arguments">The tool's arguments.</param>
    /// <param name="connections">Connections that the command makes.</param>
    /// <param name="describe">How to show progress.</param>
    public MeasuredTraffic(
        Laboratory lab,
        IEnumerable<string> arguments,
        int connections,
        Func<TrafficProgress, IReadOnlyList<ProgressItem>> describe)
    {
        Connections = connections;
        _describe = describe;
        _program = ChildProgram.Start(lab.CommandOn(LabHost.Client, [ToolProgram.Path, .. arguments]), Read);
    }

    /// <inheritdoc/>
    public int Connections { get; }

    /// <inheritdoc/>
    public bool HasEnded => _program.Ended.IsCompleted;

    /// <inheritdoc/>
    public string Complaints => _program.Errors;

    /// <inheritdoc/>
    public string FirstDataText => "first byte from the backup at a client";

    /// <inheritdoc/>
    public IReadOnlyList<ProgressItem> Progress => _progress is { } progress ? _describe(progress) : [];

    /// <inheritdoc/>
    public async Task<long?> FirstDataAfterAsync(long timeNs, CancellationToken cancellation)
    {
        var question = _questions.GetOrAdd(timeNs, _ => new TaskCompletionSource<long?>(TaskCreationOptions.RunContinuationsAsynchronously));
        _program.SendLine(string.Create(CultureInfo.InvariantCulture, $"first {timeNs}"));
        await Task.WhenAny(question.Task, _program.Ended, Task.Delay(s_answerTime, cancellation));
        _questions.TryRemove(timeNs, out _);
        return question.Task.IsCompletedSuccessfully ? await question.Task : null;
    }

    /// <inheritdoc/>
    public async Task<TrafficOutcome> FinishAsync(CancellationToken cancellation)
    {
        _program.SendLine("stop");
        try
        {
            await _program.Ended.WaitAsync(s_finishTime, cancellation);
        }
        catch (TimeoutException exception)
        {
            throw new LabException(LabFailure.CommandFailed, "The clients did not end in time.", exception);
        }

        return _report is { } report
            ? Outcome(report)
            : throw new LabException(LabFailure.CommandFailed, $"The clients ended without a report. {_program.Errors}".TrimEnd());
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _program.DisposeAsync();

    private static TrafficOutcome Outcome(TrafficReport report) => new(
        report.Connections,
        report.Lost,
        report.BytesVerified,
        report.BytesCorrupted,
        Math.Round(report.MaxGapMs, 3),
        Math.Round(report.MedianGapMs, 3))
    {
        LongestWaits = [.. report.LargeGaps.Select(gap => new Wait(gap.StartNs, gap.EndNs))],
        DigestsVerified = report.Streams.Count(stream => stream.Sha256Ok == true),
        Errors = report.Errors,
    };

    private void Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            switch (document.RootElement.GetProperty("type").GetString())
            {
                case "progress":
                    _progress = document.Deserialize(TrafficJson.Default.TrafficProgress);
                    break;
                case "report":
                    _report = document.Deserialize(TrafficJson.Default.TrafficReport);
                    break;
                case "first" when document.Deserialize(TrafficJson.Default.FirstProgressLine) is { } answer:
                    if (_questions.TryGetValue(answer.AfterNs, out var question))
                    {
                        question.TrySetResult(answer.AtNs);
                    }

                    break;
            }
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Not one of the lines that are agreed on. That there is no report is noticed at the end.
        }
    }
}
