using Appliance.Lab;
using Appliance.Lab.Daemons;
using Appliance.Lab.Faults;
using Appliance.Lab.Processes;
using Appliance.Lab.State;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Packaging;

/// <summary>The programs do all of their work with what their units leave them.</summary>
[TestClass]
public sealed class ConfinementTests : TrafficTest, IDisposable
{
    private const int Connections = 21;

    private readonly ConfinedPrograms _programs = new();

    protected override LabOptions Options => base.Options with { Programs = _programs.Location };

    public void Dispose() => _programs.Dispose();

    [TestMethod]
    [DataRow(LabAddresses.Vip4)]
    [DataRow(LabAddresses.Vip6)]
    public async Task Connections_survive_a_switchover_a_restart_of_the_gateway_and_a_crash(string address)
    {
        var traffic = StartClient(address, "--connections", $"{Connections - 1}", "--uploads", "1", "--stream-bytes", "60000000", "--stream-rate", "6000000", "--sha256", "--wait-stop");
        await traffic.UntilAsync(progress => progress is { Connected: Connections, UploadFraction: > 0 }, Patience, Cancellation);
        await ProtectedAsync(Connections);

        Assert.AreEqual("node2", await SwitchAsync());
        await ProtectedAsync(Connections, LabHost.Node1);

        await EndGatewayAsync();
        await FaultAsync(FaultKind.Heal, "gateway");
        await ProtectedAsync(Connections, LabHost.Node1);

        var epoch = (await GatewayAsync()).Epoch;
        await FaultAsync(FaultKind.Crash, "node2");
        await TakenOverAsync(LabHost.Node1, epoch);
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);

        var logs = string.Concat(Directory.GetFiles(Lab.Directory, "*.log").Select(File.ReadAllText));
        Assert.DoesNotContain("CAP_", logs, StringComparison.Ordinal, "nobody misses a capability");
    }

    [TestMethod]
    public async Task Without_CAP_SYS_ADMIN_a_gateway_cannot_go_on()
    {
        await GatewayUntilAsync(gateway => gateway.Ready, "both nodes take part");
        await EndGatewayAsync();
        using var less = new ConfinedPrograms(without: "+sys_admin");
        var program = DaemonProgram.Find(LabHost.Gateway, less.Location);

        var result = await Lab.RunAsync(LabHost.Gateway, [program, "--config", new LabPaths(Lab.Name).Configuration(LabHost.Gateway), "--replace-hooks"], timeout: Patience, cancellation: Cancellation);

        Assert.AreEqual(2, result.ExitCode);
        StringAssert.Contains(result.Error, "missing capability CAP_SYS_ADMIN", StringComparison.Ordinal);
    }

    private async Task EndGatewayAsync()
    {
        var pid = (await Lab.StatusAsync(Cancellation)).Hosts.Single(host => host.Host == LabHost.Gateway).Pid!.Value;
        StringAssert.Contains(File.ReadAllText($"/proc/{pid}/status"), "NoNewPrivs:\t1", StringComparison.Ordinal);
        ProcessTable.Signal(pid, UnixSignal.HangUp);
        await UntilAsync(() => ProcessTable.TryGet(pid) is null, "the gateway's program ends");
    }
}
