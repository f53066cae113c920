using System.Globalization;

namespace Appliance.Tests.Unit.Simulation;

/// <summary>
/// A million failures in virtual time: see <see cref="SimulationRun"/>. A violation names its seed; the variable
/// <see cref="SeedVariable"/> runs that seed alone, <see cref="FaultsVariable"/> sets how many faults there are at least.
/// </summary>
[TestClass]
public sealed class SimulationTests
{
    /// <summary>The environment variable that names one seed to run.</summary>
    public const string SeedVariable = "APPLIANCE_SIMULATION_SEED";

    /// <summary>The environment variable that says how many faults to inject.</summary>
    public const string FaultsVariable = "APPLIANCE_SIMULATION_FAULTS";

    private const long DefaultFaults = 1_000_000;

    /// <summary>Given by the framework.</summary>
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Whatever_fails_one_node_is_heard_and_the_service_recovers()
    {
        if (Number(SeedVariable) is { } seed)
        {
            SimulationRun.Run(seed);
            return;
        }
        var wanted = (long)(Number(FaultsVariable) ?? DefaultFaults);
        long faults = 0, steps = 0, runs = 0;
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            while (Interlocked.Read(ref faults) < wanted)
            {
                var run = SimulationRun.Run((ulong)Interlocked.Increment(ref runs));
                Interlocked.Add(ref faults, run.Faults);
                Interlocked.Add(ref steps, run.Steps);
            }
        });
        TestContext.WriteLine($"{faults} faults, {runs} runs, {steps} events");
        Assert.IsGreaterThanOrEqualTo(wanted, faults);
    }

    [TestMethod]
    public void A_seed_gives_the_same_run_every_time()
    {
        Assert.AreEqual(SimulationRun.Run(1), SimulationRun.Run(1));
    }

    private static ulong? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : null;
}
