namespace Appliance.Bench.Chaos;

/// <summary>Chooses actions and moments from a seed alone.</summary>
public sealed class ChaosDice(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>The next action.</summary>
    public ChaosAction Action() => Pick(Enum.GetValues<ChaosAction>());

    /// <summary>A number of milliseconds.</summary>
    public TimeSpan Time(int fromMs, int toMs) => TimeSpan.FromMilliseconds(Number(fromMs, toMs));

    /// <summary>One of some.</summary>
    public T Pick<T>(params IReadOnlyList<T> choices) => choices[Number(0, choices.Count)];

#pragma warning disable CA5394 // Chooses faults, guards nothing.
    private int Number(int from, int before) => _random.Next(from, before);
#pragma warning restore CA5394
}
