using System.Globalization;

namespace Appliance.Tests.Support.Fuzzing;

/// <summary>Where generated input comes from: another seed every time, or the one that a failure has named.</summary>
internal static class FuzzSeed
{
    /// <summary>The environment variable that names one seed to run.</summary>
    public const string Variable = "APPLIANCE_FUZZ_SEED";

    /// <summary>A seed.</summary>
    public static int Next() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : Random.Shared.Next();

    /// <summary>What a failure says, so that it can be had again.</summary>
    public static string Hint(int seed) => $"{Variable}={seed} repeats it";
}
