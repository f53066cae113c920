namespace Appliance.Tests.Unit.Simulation;

/// <summary>
/// The simulation can fail: every defect that is put into it is found. The search for a rare one begins where it is found soon;
/// a change of the simulator moves that place, and only makes the test slower.
/// </summary>
[TestClass]
public sealed class SimulationMutationTests
{
    private const ulong Seeds = 20_000;

    [TestMethod]
    [DataRow(nameof(Mutation.OpenFence), "two nodes are heard")]
    [DataRow(nameof(Mutation.ObeysOlderEpochs), "obeys epoch")]
    [DataRow(nameof(Mutation.ReusesEpochs), "the fence turns from epoch")]
    [DataRow(nameof(Mutation.CommitsUnheard), "which never spoke under it")]
    [DataRow(nameof(Mutation.OversleepsDeadlines), "slept through the coordinator's deadline")]
    [DataRow(nameof(Mutation.ForgetsEpochs), "the fence turns from epoch")]
    [DataRow(nameof(Mutation.ResumesUnderTheSameEpoch), "which never spoke under it", 1_400UL)]
    [DataRow(nameof(Mutation.TakesNoAssignmentForOne), "the fence turns from epoch")]
    [DataRow(nameof(Mutation.OrdersBeforeItReserves), "the fence turns from epoch", 16_900UL)]
    [DataRow(nameof(Mutation.NeverForgetsInstances), "after the last fault")]
    [DataRow(nameof(Mutation.RemembersMissedCopies), "that got no copies")]
    [DataRow(nameof(Mutation.KeepsHoles), "that got no copies")]
    [DataRow(nameof(Mutation.NeverLetsGo), "does not obey")]
    public void A_defect_is_found(string mutation, string message, ulong first = 1)
    {
        for (var seed = first; seed < first + Seeds; seed++)
        {
            try
            {
                SimulationRun.Run(seed, Enum.Parse<Mutation>(mutation));
            }
            catch (SimulationViolationException violation)
            {
                Assert.Contains(message, violation.Message, StringComparison.Ordinal);
                Assert.Contains($"{SimulationTests.SeedVariable}={seed}", violation.Message, StringComparison.Ordinal);
                return;
            }
        }
        Assert.Fail($"{mutation} stays undetected in {Seeds} runs");
    }
}
