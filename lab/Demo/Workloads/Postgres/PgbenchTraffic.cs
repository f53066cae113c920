using System.Globalization;
using Appliance.Lab.Demo.Reports;
using Appliance.Lab.Demo.Views;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Demo.Workloads.Postgres;

/// <summary>pgbench in the client's namespace.</summary>
internal sealed class PgbenchTraffic : IDemoTraffic
{
    private const int KeptWaits = 1000;

    private static readonly TimeSpan s_extraTime = TimeSpan.FromSeconds(30);

    private readonly PgbenchLedger _ledger;
    private readonly PgbenchOptions _options;
    private readonly Action<long> _committed;
    private readonly string _logDirectory;
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];
    private readonly ChildProgram _program;
    private readonly long _startedAt = TimeProvider.System.GetTimestamp();
    private volatile PgbenchProgress? _progress;
    private PgbenchLog? _log;

    /// <summary>Starts pgbench.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="programs">PostgreSQL's programs.</param>
    /// <param name="ledger">Checks the database afterwards.</param>
    /// <param name="options">The run.</param>
    /// <param name="committed">Is told the number of transactions that the run committed.</param>
    public PgbenchTraffic(Laboratory lab, PostgresPrograms programs, PgbenchLedger ledger, PgbenchOptions options, Action<long> committed)
    {
        _ledger = ledger;
        _options = options;
        _committed = committed;
        _logDirectory = Directory.CreateDirectory(Path.Combine(lab.Directory, $"pgbench-{options.Seed}")).FullName;
        string[] command = [programs["pgbench"], .. options.Arguments(Path.Combine(_logDirectory, "log"))];
        _program = ChildProgram.Start(lab.CommandOn(LabHost.Client, command), Keep(_output), ReadError);
    }

    /// <inheritdoc/>
    public int Connections => _options.Clients;

    /// <inheritdoc/>
    public bool HasEnded => _program.Ended.IsCompleted;

    /// <inheritdoc/>
    public string Complaints => _program.Errors;

    /// <inheritdoc/>
    public string FirstDataText => "first transaction completed on the backup";

    /// <inheritdoc/>
    public IReadOnlyList<ProgressItem> Progress
    {
        get
        {
            var seconds = TimeProvider.System.GetElapsedTime(_startedAt).TotalSeconds;
            var items = new List<ProgressItem> { ProgressItems.Share("run", Math.Min(1, seconds / _options.Seconds)) };
            if (_progress is { } progress)
            {
                var rate = string.Create(CultureInfo.InvariantCulture, $"{progress.Rate:N0} /s, {progress.Failed} failed");
                items.Add(new ProgressItem("transactions", rate));
                items.Add(new ProgressItem("latency", string.Create(CultureInfo.InvariantCulture, $"{progress.LatencyMs:0.00} ms")));
            }

            return items;
        }
    }

    /// <inheritdoc/>
    public Task<long?> FirstDataAfterAsync(long timeNs, CancellationToken cancellation) => Task.FromResult(_log?.FirstAfter(timeNs));

    /// <inheritdoc/>
    public async Task<TrafficOutcome> FinishAsync(CancellationToken cancellation)
    {
        var left = TimeSpan.FromSeconds(_options.Seconds) - TimeProvider.System.GetElapsedTime(_startedAt);
        try
        {
            await _program.Ended.WaitAsync((left > TimeSpan.Zero ? left : TimeSpan.Zero) + s_extraTime, cancellation);
        }
        catch (TimeoutException)
        {
            string[] error = [$"pgbench still waited for an answer {s_extraTime.TotalSeconds:0} s after its time was up"];
            return new TrafficOutcome(Connections, Connections, 0, 0, 0, 0) { Transactions = 0, FailedTransactions = 0, Errors = error };
        }

        _log = PgbenchLog.Read(Directory.EnumerateFiles(_logDirectory).SelectMany(File.ReadLines), WallClock.MonotonicOffsetNs());
        var summary = PgbenchOutput.Parse(_output, _errors);
        _committed(summary.Processed ?? 0);
        var errors = summary.Problems(await _program.Ended).ToList();
        if (errors.Count == 0)
        {
            errors.AddRange(await _ledger.CheckAsync(_options.CommittedBefore + (summary.Processed ?? 0), cancellation));
        }

        var (worst, median) = _log.Gaps();
        var lost = summary.Processed is null ? Connections : Math.Min(Connections, summary.AbortedClients);
        return new TrafficOutcome(Connections, lost, 0, 0, Math.Round(worst, 3), Math.Round(median, 3))
        {
            LongestWaits = _log.Longest(KeptWaits),
            Transactions = summary.Processed ?? 0,
            FailedTransactions = summary.Failed ?? 0,
            Errors = errors,
        };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _program.DisposeAsync();

    // Both lists are complete, and no longer written to, when the program has ended.
    private static Action<string> Keep(List<string> lines) => lines.Add;

    private void ReadError(string line)
    {
        if (PgbenchProgress.TryParse(line, out var progress))
        {
            _progress = progress;
        }
        else
        {
            _errors.Add(line);
        }
    }
}
