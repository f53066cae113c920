using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Status;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab;

/// <summary>How the lab treats the appliance's programs, shown with stand-ins.</summary>
[TestClass]
public sealed class DaemonTests : LabTest
{
    [TestMethod]
    public async Task Up_starts_the_programs_with_their_configuration_and_waits_for_them()
    {
        using var programs = new FakePrograms();
        using var lab = await UpAsync(programs);
        var status = await lab.StatusAsync(Cancellation);

        Assert.IsTrue(status.Ready);
        Assert.AreEqual(LabHost.Node1, status.Primary);
        Assert.HasCount(3, status.Hosts.Where(host => host.Alive == true));
        Assert.IsTrue(File.Exists(Path.Combine(lab.Directory, "node2.yaml")));
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.AreEqual(OwnerOnly, File.GetUnixFileMode(Path.Combine(lab.Directory, "control.key")));
        }
    }

    [TestMethod]
    public async Task A_program_that_ends_at_once_fails_the_start_with_its_last_words_and_leaves_nothing()
    {
        using var programs = new FakePrograms(node: "echo 'lanInterface: no such device' >&2; exit 1");
        var error = await Assert.ThrowsExactlyAsync<LabException>(async () => { using var lab = await UpAsync(programs, ready: false); });
        Assert.AreEqual(LabFailure.DaemonFailed, error.Failure);
        StringAssert.Contains(error.Message, "lanInterface: no such device");
        AssertGone(LabName, []);
    }

    [TestMethod]
    public async Task A_cancelled_start_leaves_nothing()
    {
        using var programs = new FakePrograms();
        using var cancellation = new CancellationTokenSource();
        var progress = new CancelAt("Waiting", cancellation);
        var options = new LabOptions { Name = LabName, Programs = programs.Location };

        await Assert.ThrowsAsync<OperationCanceledException>(() => Laboratory.UpAsync(options, progress, cancellation: cancellation.Token));

        AssertGone(LabName, []);
    }

    [TestMethod]
    public async Task Roles_follow_the_gateway_and_outlive_it()
    {
        using var programs = new FakePrograms();
        using var lab = await UpAsync(programs);
        programs.SetStatus("""{"epoch":2,"ready":true,"nodes":[{"name":"node1","role":"down"},{"name":"node2","role":"active"}]}""");
        Assert.AreEqual(LabHost.Node2, await lab.ResolveAsync("primary", Cancellation));

        await lab.FaultAsync(new FaultRequest(FaultKind.Crash, "gateway"), Cancellation);

        Assert.AreEqual(LabHost.Node2, await lab.ResolveAsync("primary", Cancellation));
        Assert.AreEqual(LabHost.Node1, await lab.ResolveAsync("backup", Cancellation));
        var status = await lab.StatusAsync(Cancellation);
        Assert.IsNull(status.Ready);
        Assert.IsFalse(On(status, LabHost.Gateway).Alive);
    }

    [TestMethod]
    public async Task Healing_starts_what_died()
    {
        using var programs = new FakePrograms();
        using var lab = await UpAsync(programs);
        await lab.FaultAsync(new FaultRequest(FaultKind.Crash, "gateway"), Cancellation);
        await lab.FaultAsync(new FaultRequest(FaultKind.Crash, "node1"), Cancellation);
        Assert.HasCount(1, (await lab.StatusAsync(Cancellation)).Hosts.Where(host => host.Alive == true));

        await lab.FaultAsync(new FaultRequest(FaultKind.Heal, "all"), Cancellation);

        var status = await lab.StatusAsync(Cancellation);
        Assert.HasCount(3, status.Hosts.Where(host => host.Alive == true));
        Assert.AreEqual(1, On(status, LabHost.Node1).Processes);
        Assert.IsEmpty(status.Faults);
    }

    [TestMethod]
    public async Task Kill_app_spares_the_agent_even_if_it_listens()
    {
        using var programs = new FakePrograms(node: "exec perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalPort => 9100, Listen => 1); sleep 1000'");
        using var lab = await UpAsync(programs);
        using var server = TestServer.Start(lab, LabHost.Node1, 7000);
        await EventuallyAsync(() => server.IsListening, "agent or server listens");
        await EventuallyAsync(() => Appliance.Lab.Processes.ListeningSockets.In(lab.Namespace(LabHost.Node1)).Count == 2, "both listen");

        await lab.FaultAsync(new FaultRequest(FaultKind.KillApp, "primary"), Cancellation);

        Assert.AreEqual(137, await server.Process.WaitAsync(Cancellation));
        Assert.IsTrue(On(await lab.StatusAsync(Cancellation), LabHost.Node1).Alive);
    }

    [TestMethod]
    public async Task Down_ends_the_agents_first_and_in_good_order()
    {
        var farewell = Path.GetTempFileName();
        using var programs = new FakePrograms(node: $"trap 'ip -br link show lan0 >> {farewell}; exit' TERM; while :; do sleep 0.05; done");
        using var lab = await UpAsync(programs);
        var identities = Identities(lab);

        await Laboratory.DownAsync(LabName);

        AssertGone(LabName, identities, ManagementLink(lab));
        Assert.HasCount(2, File.ReadAllLines(farewell), "both agents found their interface still there");
        File.Delete(farewell);
    }

    private static HostStatus On(LabStatus status, LabHost host) => status.Hosts.Single(candidate => candidate.Host == host);

    private Task<Laboratory> UpAsync(FakePrograms programs, bool ready = true)
    {
        if (!ready)
        {
            programs.SetStatus("{}");
        }

        return Laboratory.UpAsync(new LabOptions { Name = LabName, Programs = programs.Location }, cancellation: Cancellation);
    }

    private sealed class CancelAt(string step, CancellationTokenSource cancellation) : IProgress<string>
    {
        public void Report(string value)
        {
            if (value.StartsWith(step, StringComparison.Ordinal))
            {
                cancellation.Cancel();
            }
        }
    }
}
