using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab;

[TestClass]
public sealed class FaultTests : LabTest
{
    private const string Node1 = "10.0.2.10";

    [TestMethod]
    public async Task A_cut_node_is_not_reached_until_it_is_healed()
    {
        using var lab = await NetworkAsync();
        Assert.IsTrue(lab.Reaches(LabHost.Client, Node1));

        await lab.FaultAsync(new FaultRequest(FaultKind.Cut, "node1"), Cancellation);
        Assert.IsFalse(lab.Reaches(LabHost.Client, Node1));
        Assert.HasCount(1, (await lab.StatusAsync(Cancellation)).Faults);

        await lab.FaultAsync(new FaultRequest(FaultKind.Heal, "all"), Cancellation);
        Assert.IsTrue(lab.Reaches(LabHost.Client, Node1));
        Assert.IsEmpty((await lab.StatusAsync(Cancellation)).Faults);
    }

    [TestMethod]
    public async Task A_crash_kills_everything_and_a_healed_node_is_a_rebooted_one()
    {
        using var lab = await NetworkAsync();
        var before = NetworkNamespace.TryGetIdentity(lab.Namespace(LabHost.Node1));
        using var server = TestServer.Start(lab, LabHost.Node1, 7000);
        await EventuallyAsync(() => server.IsListening, "the server listens");

        var fault = await lab.FaultAsync(new FaultRequest(FaultKind.Crash, "primary"), Cancellation);

        Assert.AreEqual(LabHost.Node1, fault.Target);
        Assert.AreEqual(137, await server.Process.WaitAsync(Cancellation));
        Assert.IsEmpty(ProcessTable.InNamespace(before));
        Assert.IsFalse(lab.Reaches(LabHost.Client, Node1));

        await lab.FaultAsync(new FaultRequest(FaultKind.Heal, "node1"), Cancellation);
        Assert.AreNotEqual(before, NetworkNamespace.TryGetIdentity(lab.Namespace(LabHost.Node1)));
        await EventuallyAsync(() => lab.Reaches(LabHost.Client, Node1), "the gateway, which asked in vain meanwhile, asks again");
        Assert.IsTrue(lab.Reaches(LabHost.Client, "fd00:2::10"));
    }

    [TestMethod]
    public async Task A_cable_is_cut_within_5_ms_of_the_call()
    {
        using var lab = await NetworkAsync();
        var shortest = long.MaxValue;
        for (var run = 0; run < 3; run++)
        {
            // The first run pays for compilation.
            var called = Monotonic.NowNs;
            var fault = await lab.FaultAsync(new FaultRequest(FaultKind.Crash, "node2"), Cancellation);
            shortest = Math.Min(shortest, fault.DoneNs - called);
            Assert.IsTrue(called <= fault.AtNs && fault.AtNs < fault.DoneNs);
            await lab.FaultAsync(new FaultRequest(FaultKind.Heal, "node2"), Cancellation);
        }

        TestContext.WriteLine($"From call to cut: {shortest / 1e6:0.00} ms");
        Assert.IsLessThan(5_000_000, shortest);
    }

    [TestMethod]
    public async Task Kill_app_takes_the_server_with_its_children_and_spares_the_rest()
    {
        using var lab = await NetworkAsync();
        using var server = TestServer.Start(lab, LabHost.Node1, 7000);
        using var bystander = lab.StartProcess(LabHost.Node1, ["sleep", "1000"], "/dev/null");
        await EventuallyAsync(() => server.IsListening, "the server listens");

        var fault = await lab.FaultAsync(new FaultRequest(FaultKind.KillApp, "node1"), Cancellation);

        Assert.HasCount(2, fault.Pids, "the server and its child");
        Assert.AreEqual(137, await server.Process.WaitAsync(Cancellation));
        Assert.IsFalse(bystander.HasExited);
        Assert.IsTrue(lab.Reaches(LabHost.Client, Node1), "the machine lives on");
    }

    [TestMethod]
    public async Task Hang_app_stops_the_server_and_lets_it_go_on_after_its_time()
    {
        using var lab = await NetworkAsync();
        using var server = TestServer.Start(lab, LabHost.Node1, 7000);
        await EventuallyAsync(() => server.IsListening, "the server listens");

        var hang = new FaultRequest(FaultKind.HangApp, "node1") { Duration = TimeSpan.FromMilliseconds(300) };
        await lab.FaultAsync(hang, Cancellation);
        await EventuallyAsync(() => State(server) == 'T', "the server is stopped");
        await EventuallyAsync(() => State(server) == 'S', "the server goes on");

        await lab.FaultAsync(hang with { Duration = null }, Cancellation);
        await EventuallyAsync(() => State(server) == 'T', "the server is stopped");
        await lab.FaultAsync(new FaultRequest(FaultKind.Heal, "node1"), Cancellation);
        await EventuallyAsync(() => State(server) == 'S', "the server goes on");
    }

    [TestMethod]
    public async Task There_is_nothing_to_kill_without_a_server()
    {
        using var lab = await NetworkAsync();
        var error = await Assert.ThrowsExactlyAsync<LabException>(
            () => lab.FaultAsync(new FaultRequest(FaultKind.KillApp, "node1"), Cancellation));
        StringAssert.Contains(error.Message, "Nothing listens on node1");
    }

    private static char? State(TestServer server) => ProcessTable.TryGet(server.Process.Pid)?.State;
}
