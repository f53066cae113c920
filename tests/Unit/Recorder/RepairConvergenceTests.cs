using Appliance.Recording;
using FsCheck;
using FsCheck.Fluent;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>
/// Whatever copies are lost, doubled or overtaken, whichever connection breaks, and whether the active node dies on the way:
/// every replica comes to have the whole stream.
/// </summary>
[TestClass]
public sealed class RepairConvergenceTests
{
    [TestMethod]
    [DataRow(RecordPolicy.Unconfirmed)]
    [DataRow(RecordPolicy.Window)]
    [DataRow(RecordPolicy.Full)]
    public void Every_replica_comes_to_have_the_whole_stream(RecordPolicy policy) => Prop
        .ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => new RepairRun(seed, policy).Complete())
        .Check(Config.QuickThrowOnFailure.WithMaxTest(20));
}
