using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>A test of what the recorder and the repair do for the lab's own traffic.</summary>
public abstract class RecorderTest : TrafficTest
{
    /// <summary>The state of a flow that survives the death of its server.</summary>
    protected const string Protected = "protected";

    /// <summary>The state of a flow that does not.</summary>
    protected const string Unprotected = "unprotected";

    /// <summary>All copies.</summary>
    protected const int Everything = 10_000;

    /// <summary>What is laid over the gateway's configuration.</summary>
    protected virtual string Configuration => "recorder: { policy: unconfirmed }";

    /// <inheritdoc/>
    protected override LabOptions Options => new()
    {
        DetectionTimeout = TimeSpan.FromMilliseconds(300),
        ConfigurationFile = Keep(new ConfigurationOverlay(Configuration)).Path,
    };

    /// <summary>Loses a share of the copies, in hundredths of a percent; 0 ends it.</summary>
    protected Task LoseCopiesAsync(int basisPoints) =>
        Lab.FaultAsync(new FaultRequest(FaultKind.TapLoss, FaultRequest.Backup) { BasisPoints = basisPoints }, Cancellation);

    /// <summary>Waits until there are that many flows, and each is protected.</summary>
    protected Task<GatewayReport> AllProtectedAsync(int flows, TimeSpan? limit = null) => GatewayUntilAsync(
        gateway => gateway.Flows == flows && gateway.Recorder.In(Protected) == flows && gateway.Recorder.States.Values.Sum() == flows,
        $"all of {flows} flows are protected",
        limit);

    /// <summary>Kills the node that holds the service and waits until the other one does.</summary>
    protected async Task CrashAsync(LabHost active)
    {
        var epoch = (await GatewayAsync()).Epoch;
        await FaultAsync(FaultKind.Crash, LabNames.Of(active));
        await TakenOverAsync(LabNames.Peer(active), epoch);
    }

    /// <summary>Brings a crashed node back, with a server that knows of nothing, and waits until it replicates.</summary>
    protected async Task ReturnAsync(LabHost node)
    {
        await FaultAsync(FaultKind.Heal, LabNames.Of(node));
        await StartServerAsync(node);
        await GatewayUntilAsync(gateway => gateway.Ready && gateway.Node(node).Role == "replica", $"{LabNames.Of(node)} joins as the replica");
    }

    /// <summary>Ends the gateway's program, and waits until it is gone.</summary>
    protected async Task EndGatewayAsync(UnixSignal signal)
    {
        var pid = await SignalAsync(LabHost.Gateway, signal);
        await UntilAsync(() => ProcessTable.TryGet(pid) is null, "the gateway's program ends");
    }
}
