using Appliance.Lab;
using Appliance.Lab.Daemons;
using Appliance.Lab.Processes;
using Appliance.Lab.State;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Support;

/// <summary>A test that starts programs of the appliance itself, in a lab that is a network with good configuration files.</summary>
public abstract class StartTest : ApplianceTest
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    protected override LabOptions Options => new() { WithDaemons = false };

    [TestInitialize]
    public void WriteConfiguration()
    {
        var paths = new LabPaths(Lab.Name);
        DaemonConfiguration.Compose(paths, new LabOptions(), overlay: null).Write(paths);
    }

    /// <summary>A host's configuration file.</summary>
    protected string ConfigurationOf(LabHost host) => new LabPaths(Lab.Name).Configuration(host);

    /// <summary>The file that holds the secret.</summary>
    protected string SecretFile => new LabPaths(Lab.Name).SecretFile;

    /// <summary>Changes a host's configuration; what is replaced has to be there.</summary>
    protected void Configure(LabHost host, string part, string replacement)
    {
        var text = File.ReadAllText(ConfigurationOf(host));
        StringAssert.Contains(text, part);
        File.WriteAllText(ConfigurationOf(host), text.Replace(part, replacement, StringComparison.Ordinal));
    }

    /// <summary>The command that starts a host's program.</summary>
    protected string[] Program(LabHost host, params string[] options) =>
        [DaemonProgram.Find(host, DaemonProgram.DefaultPrograms()), "--config", ConfigurationOf(host), .. options];

    /// <summary>
    /// Asserts that a start fails as it has to: exit code 2, one line on standard error that holds
    /// <paramref name="clue"/>, and nothing is left behind.
    /// </summary>
    /// <param name="host">Where.</param>
    /// <param name="clue">The field or the remedy.</param>
    /// <param name="wrapper">A command that runs the program with less than it has here.</param>
    protected async Task AssertRefusesAsync(LabHost host, string clue, params string[] wrapper)
    {
        var before = await HostSnapshot.TakeAsync(Lab, host);

        var result = await Lab.RunAsync(host, [.. wrapper, .. Program(host)], timeout: s_limit, cancellation: Cancellation);

        TestContext.WriteLine(result.Error);
        Assert.AreEqual(2, result.ExitCode, result.Output + result.Error);
        StringAssert.Contains(result.Error, clue);
        Assert.HasCount(1, result.Error.TrimEnd().Split('\n'), result.Error);
        Assert.AreEqual(before, await HostSnapshot.TakeAsync(Lab, host), "what is left behind");
    }

    /// <summary>Starts a program and waits until it runs: hooks of its own are in place.</summary>
    protected async Task<LabProcess> StartAsync(LabHost host, params string[] options)
    {
        var left = await HooksAsync(host);
        var process = Keep(Lab.StartProcess(host, Program(host, options), Lab.LogFile(host)));
        await UntilAsync(
            () => process.HasExited || (HooksAsync(host).GetAwaiter().GetResult() is { Count: 2 } hooks && !hooks.Intersect(left).Any()),
            "both hooks are in place");
        Assert.IsFalse(process.HasExited, File.ReadAllText(Lab.LogFile(host)));
        return process;
    }

    /// <summary>The programs on the LAN interface, by their ids in the kernel.</summary>
    private async Task<IReadOnlyList<string>> HooksAsync(LabHost host)
    {
        const string Show = "tc filter show dev lan0 ingress; tc filter show dev lan0 egress";
        var listing = await Lab.RunAsync(host, ["sh", "-c", Show], cancellation: Cancellation);
        return [.. listing.Output.Split('\n').Where(line => line.Contains(" direct-action ", StringComparison.Ordinal)).Select(line => line[line.IndexOf(" id ", StringComparison.Ordinal)..])];
    }
}
