namespace Appliance.Tests.Unit.Model;

/// <summary>
/// The Promela model of the control protocol, searched completely for each property; and every mutation of it is found, so that
/// a property that holds says something. See docs/model/README.md.
/// </summary>
[TestClass]
public sealed class ControlModelTests
{
    /// <summary>Given by the framework.</summary>
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("HEARD")]
    [DataRow("EPOCH")]
    [DataRow("RECOVERY")]
    public async Task A_property_holds_in_every_state(string property)
    {
        using var verifier = await ModelVerifier.BuildAsync([property], optimised: true, TestContext.CancellationToken);
        var report = await verifier.SearchAsync(TestContext.CancellationToken);
        TestContext.WriteLine(report.Split("unreached in")[0]);
        Assert.Contains("errors: 0", report, StringComparison.Ordinal);
        Assert.Contains("Full statespace search", report, StringComparison.Ordinal);
        foreach (var sign in new[] { "max search depth too small", "Search not completed", "out of memory" })
        {
            Assert.DoesNotContain(sign, report, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [DataRow("HEARD", "BREAK_FENCE")]
    [DataRow("HEARD", "BREAK_COMMIT")]
    [DataRow("HEARD", "BREAK_STORE")]
    [DataRow("EPOCH", "BREAK_STORE")]
    [DataRow("EPOCH", "BREAK_RESUME")]
    [DataRow("EPOCH", "BREAK_OBEDIENCE")]
    [DataRow("RECOVERY", "BREAK_DETECTION")]
    [DataRow("RECOVERY", "BREAK_REJOIN")]
    public async Task A_mutation_is_found(string property, string mutation)
    {
        using var verifier = await ModelVerifier.BuildAsync([property, mutation], optimised: false, TestContext.CancellationToken);
        var report = await verifier.SearchAsync(TestContext.CancellationToken);
        Assert.Contains("errors: 1", report, StringComparison.Ordinal);
        Assert.Contains("assertion violated", report, StringComparison.Ordinal);
    }
}
