using Appliance.Tests.Support;
using Appliance.Tests.Support.Fuzzing;

namespace Appliance.Tests.Unit.Fuzzing;

/// <summary>Runs a parser on generated input, within bounds of time and memory.</summary>
internal static class Fuzz
{
    /// <summary>A hang is far longer than what a busy machine does to a parser.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gives damaged copies of valid inputs to a parser. It may throw nothing but what it asserts; it has to come back, and may
    /// not allocate more than <paramref name="allowance"/> bytes beyond a multiple of its input.
    /// </summary>
    public static void Run(IReadOnlyList<byte[]> valid, int times, long allowance, Action<byte[]> parse)
    {
        const int BytesPerByte = 64;
        foreach (var input in valid)
        {
            parse(input);
        }

        var seed = FuzzSeed.Next();
        var random = new Random(seed);
        var mutator = new Mutator(random);
        for (var i = 0; i < times; i++)
        {
            var input = mutator.Damage(valid[random.Next(valid.Count)], valid[random.Next(valid.Count)]);
            var (started, allocated) = (TimeProvider.System.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            try
            {
                parse(input);
            }
            catch (Exception exception)
            {
                throw new AssertFailedException($"{exception.GetType().Name} on {Show(input)}: {exception.Message} {FuzzSeed.Hint(seed)}", exception);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            var limit = allowance + (BytesPerByte * (long)input.Length);
            if (allocated >= limit)
            {
                allocated = AllocatedBytes.Of(() => parse(input)); // exact, but slow
            }
            Assert.IsLessThan(limit, allocated, $"bytes allocated for {Show(input)}; {FuzzSeed.Hint(seed)}");
            Assert.IsLessThan(s_patience, TimeProvider.System.GetElapsedTime(started), $"time for {Show(input)}; {FuzzSeed.Hint(seed)}");
        }
    }

    private static string Show(byte[] input) => $"{input.Length} bytes {Convert.ToHexStringLower(input.AsSpan(0, Math.Min(input.Length, 2000)))}";
}
