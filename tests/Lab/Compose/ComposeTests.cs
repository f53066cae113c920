using Appliance.Bench;
using Appliance.Lab.Processes;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Compose;

/// <summary>compose.yaml with a real engine; see docker/try.</summary>
[TestClass]
public sealed class ComposeTests
{
    // From nothing: an engine and base images 50 s, the project's images 100 s, the faults 50 s; and a busy machine.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(12);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Clients_live_through_kill_pause_and_disconnect_of_the_primarys_container()
    {
        var result = await CommandRunner.RunAsync([Path.Combine(BenchPaths.Root, "docker", "try")], timeout: s_patience, cancellation: TestContext.CancellationToken);
        TestContext.WriteLine(result.Output);
        Assert.AreEqual(0, result.ExitCode, result.Output + result.Error);
        Assert.Contains("compose: 3 passed, 0 failed", result.Output, StringComparison.Ordinal);
    }
}
