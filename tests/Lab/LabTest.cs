using Appliance.Bench;
using Appliance.Lab;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab;

/// <summary>A test with labs of its own, which are gone afterwards whatever happens.</summary>
public abstract class LabTest
{
    /// <summary>Name of the test's lab; no one else's, so that tests can run beside a user's lab.</summary>
    protected static string LabName { get; } = $"test{Environment.ProcessId}";

    /// <summary>Name of a second lab.</summary>
    protected static string OtherName { get; } = LabName + "b";

    /// <summary>The lab tool as it was built; the one beside the tests is not compiled ahead of time.</summary>
    protected static string Tool { get; } = BenchPaths.TrafficProgram;

    /// <summary>Ends with the test's time.</summary>
    public TestContext TestContext { get; set; } = null!;

    /// <summary>Ends with the test's time.</summary>
    protected CancellationToken Cancellation => TestContext.CancellationToken;

    [TestCleanup]
    public async Task RemoveLabs()
    {
        await Laboratory.DownAsync(LabName);
        await Laboratory.DownAsync(OtherName);
    }

    /// <summary>Makes a lab that is a network only.</summary>
    protected Task<Laboratory> NetworkAsync(string? name = null) =>
        Laboratory.UpAsync(new LabOptions { Name = name ?? LabName, WithDaemons = false }, cancellation: Cancellation);

    /// <summary>Runs the lab tool as a user would.</summary>
    protected Task<CommandResult> ToolAsync(IEnumerable<string> arguments, string? input = null) =>
        CommandRunner.RunAsync([Tool, .. arguments], input, TimeSpan.FromSeconds(30), Cancellation);

    /// <summary>Asserts that nothing is left of a lab.</summary>
    /// <param name="name">The lab's name.</param>
    /// <param name="identities">Its namespaces' identities, from <see cref="Identities"/>, while it was up.</param>
    /// <param name="managementLink">Its interface in the root namespace.</param>
    protected static void AssertGone(string name, IEnumerable<string?> identities, string? managementLink = null)
    {
        var names = LabNames.Create(name);
        Assert.IsEmpty(LabNames.Hosts.Where(host => NetworkNamespace.Exists(names.Namespace(host))), "namespaces");
        Assert.IsEmpty(identities.SelectMany(ProcessTable.InNamespace), "processes");
        Assert.IsFalse(Directory.Exists($"/run/appliance/labs/{name}"), "files");
        Assert.IsFalse(managementLink is not null && Directory.Exists($"/sys/class/net/{managementLink}"), "management link");
    }

    /// <summary>The identities of a lab's namespaces.</summary>
    protected static IReadOnlyList<string?> Identities(Laboratory lab) =>
        [.. LabNames.Hosts.Select(host => NetworkNamespace.TryGetIdentity(lab.Namespace(host)))];

    /// <summary>The lab's interface in the root namespace.</summary>
    protected static string ManagementLink(Laboratory lab) => $"aplm{lab.ApiUrl.Host.Split('.')[2]}";

    /// <summary>Waits for something that is about to happen.</summary>
    protected async Task EventuallyAsync(Func<bool> condition, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.IsLessThan(TimeSpan.FromSeconds(5), TimeProvider.System.GetElapsedTime(started), what);
            await Task.Delay(10, Cancellation);
        }
    }
}
