namespace Appliance.Lab.Demo;

/// <summary>What one round will do, known before it begins.</summary>
/// <param name="Round">Number of the round, from 1.</param>
/// <param name="Seed">Chooses the content of the traffic.</param>
/// <param name="Delay">Time from the moment when every connection is protected to the fault.</param>
/// <param name="After">Time that the traffic goes on after the takeover.</param>
public sealed record RoundPlan(int Round, int Seed, TimeSpan Delay, TimeSpan After)
{
    private const double ShortestDelaySeconds = 1.5;
    private const double LongestDelaySeconds = 4;

    /// <summary>How long the traffic is expected to run, apart from the time until every connection is protected.</summary>
    public TimeSpan Length => Delay + After;

    /// <summary>Plans a round; the fault's moment is random, but the same for the same seed.</summary>
    /// <param name="seed">Seed of the demonstration.</param>
    /// <param name="round">Number of the round, from 1.</param>
    public static RoundPlan For(int seed, int round)
    {
        var roundSeed = unchecked((seed * 1_000_003) + round) & int.MaxValue;
        var fraction = new Random(roundSeed).NextDouble();
        var delay = ShortestDelaySeconds + (fraction * (LongestDelaySeconds - ShortestDelaySeconds));
        return new RoundPlan(round, roundSeed, TimeSpan.FromSeconds(delay), TimeSpan.FromSeconds(3));
    }
}
