using System.Numerics;

namespace Appliance.Tests.Unit.Simulation;

/// <summary>A small, fast generator (splitmix64) whose whole sequence follows from its seed, on every platform.</summary>
internal sealed class SimulationRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to <paramref name="bound"/> − 1.</summary>
    public int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>A duration up to <paramref name="bound"/> nanoseconds.</summary>
    public ulong Within(ulong bound) => Math.BigMul(Next(), bound, out _);

    /// <summary>True with a probability in parts per million.</summary>
    public bool Chance(int perMillion) => perMillion > 0 && Below(1_000_000) < perMillion;

    /// <summary>A duration between two others, short ones as likely as long ones (log-uniform).</summary>
    public ulong Between(ulong least, ulong most)
    {
        var octaves = BitOperations.Log2(most / least) + 1;
        var low = Math.Min(least << Below(octaves), most);
        return Math.Min(low + Within(low), most);
    }
}
