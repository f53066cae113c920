using Appliance.Bench.Measure;
using Appliance.Bench.Report;

namespace Appliance.Bench.Chaos;

/// <summary>
/// Random failures at random moments under traffic; every byte is verified. Each round has a seed of its own, so a failing round
/// repeats alone: <c>--seed N --runs 1</c>.
/// </summary>
public sealed class ChaosBench : IBench
{
    private const int StepsPerRound = 20;
    private const int LongSteps = 1000;

    /// <inheritdoc/>
    public string Name => "chaos";

    /// <inheritdoc/>
    public string Title => "anything fails, at any moment";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var time = context.Options.Pick(TimeSpan.FromSeconds(40), TimeSpan.FromMinutes(5), TimeSpan.FromHours(12));
        var started = TimeProvider.System.GetTimestamp();
        var most = context.Options.Runs is { } runs ? runs * StepsPerRound : LongSteps;
        var runner = new ChaosRunner(context);
        var rounds = new List<ChaosRound>();
        for (var seed = context.Options.Seed; rounds.Sum(r => r.Steps.Count) < most && !IsTimeUp(); seed++)
        {
            var round = await runner.RunAsync(seed, StepsPerRound, IsTimeUp, cancellation);
            rounds.Add(round);
            context.Say(
                $"seed {seed}: {round.Steps.Count} failures and orders, {round.Steps.Sum(s => s.Lost)} lost, {round.Steps.Sum(s => s.BytesCorrupted)} bytes wrong, "
                + $"worst gap {Format.Number(round.WorstGapMs)} ms{(round.IsFailure ? $": FAILED; bench chaos --seed {seed} --runs 1 repeats it" : string.Empty)}");
        }

        return Report(rounds);

        bool IsTimeUp() => context.Options.Runs is null && TimeProvider.System.GetElapsedTime(started) > time;
    }

    private BenchReport Report(List<ChaosRound> rounds)
    {
        var steps = rounds.SelectMany(round => round.Steps).ToList();
        var table = new ReportTable(
            "100 echo connections, 1,000 messages/s, and an upload of 2 MB/s, policy full (median / worst)",
            ["what", "times", "connections lost", "bytes wrong", "seconds until all are protected again", "worst gap ms"],
            [
                .. steps.GroupBy(step => step.Action).OrderBy(group => group.Key).Select(group => (IReadOnlyList<string>)
                [
                    Words(group.Key),
                    Format.Count(group.Count()),
                    Format.Count(group.Sum(step => step.Lost)),
                    Format.Count(group.Sum(step => step.BytesCorrupted)),
                    Format.Pair(Statistics.Median(group.Select(step => step.RecoverySeconds)), Statistics.Max(group.Select(step => step.RecoverySeconds))),
                    Format.Number(Statistics.Max(group.Select(step => step.GapMs))),
                ]),
            ]);
        return new BenchReport(
            Name,
            Title,
            [table],
            [
                Goal.None("protected connections lost", steps.Sum(step => step.Lost)),
                Goal.None("bytes wrong", steps.Sum(step => step.BytesCorrupted)),
                Goal.None("times that not everything was protected again", steps.Count(step => step.RecoverySeconds is null)),
            ],
            rounds)
        {
            Notes = [$"{Format.Count(steps.Count)} failures and orders in {Format.Count(rounds.Count)} rounds; {Format.Count(rounds.Sum(round => round.BytesVerified))} bytes were verified."],
        };
    }

    private static string Words(ChaosAction action) =>
        string.Concat(action.ToString().Select((letter, i) => i > 0 && char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
