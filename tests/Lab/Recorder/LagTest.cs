using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>The backup's server hangs for a while in the middle of an upload.</summary>
public abstract class LagTest : RecorderTest
{
    /// <summary>Most bytes that a server's socket takes in: they are shown to the client before any lag is known.</summary>
    protected const int ReceiveBuffer = 1 << 20;

    /// <inheritdoc/>
    protected override async Task PopulateAsync()
    {
        foreach (var node in LabNames.Nodes)
        {
            var result = await Lab.RunAsync(node, ["sysctl", "-w", $"net.ipv4.tcp_rmem=4096 131072 {ReceiveBuffer}"], cancellation: Cancellation);
            Assert.AreEqual(0, result.ExitCode, result.Error);
        }
        await base.PopulateAsync();
    }

    /// <summary>Starts an upload and stops the backup's server.</summary>
    private protected async Task<RunningTraffic> UploadToHungBackupAsync()
    {
        var traffic = StartClient(
            LabAddresses.Vip4, "--uploads", "1", "--stream-bytes", "80000000", "--stream-rate", "20000000", "--sha256");
        await traffic.UntilAsync(progress => progress.UploadFraction > 0.05, Patience, Cancellation);
        await AllProtectedAsync(1);
        await FaultAsync(FaultKind.HangApp, "node2");
        return traffic;
    }
}
