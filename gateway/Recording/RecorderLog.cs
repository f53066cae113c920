using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.Gateway.Recording.Voting;
using Appliance.Native;

namespace Appliance.Gateway.Recording;

/// <summary>What the recorder tells operators.</summary>
internal sealed partial class RecorderLog(ILogger<Recorder> logger, IReadOnlyList<GatewayOptions.NodeEntry> nodes)
{
    private static readonly ulong BetweenNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1));

    private static readonly ulong BetweenRingsNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(10));

    private ulong _datagramsNs;
    private ulong _givenUp;
    private ulong _givenUpNs;

    /// <summary>Connections of an earlier process are open.</summary>
    public void Inherited(int flows) => LogInherited(logger, flows);

    /// <summary>What the store held of them is read.</summary>
    public void Restored(int flows) => LogRestored(logger, flows);

    /// <summary>A connection's servers say different things.</summary>
    public void Diverged(in FlowKey flow, int node) => LogDiverged(logger, flow, nodes[node].Name);

    /// <summary>A client's datagrams were answered in two ways. One a second is told: where each question has a flow of its own, each may be another.</summary>
    public void DatagramsDiverged(in FlowKey flow, int node, ulong nowNs)
    {
        if (nowNs >= _datagramsNs + BetweenNs)
        {
            _datagramsNs = nowNs;
            LogDatagramsDiverged(logger, flow, nodes[node].Name);
        }
    }

    /// <summary>Nodes that have to agree contradict one another. Called on any thread.</summary>
    public void Contested(in FlowKey flow, OutputDifference difference) => LogContested(
        logger, flow, difference.Sequence, nodes[difference.Node].Name, Convert.ToHexString(difference.Bytes), nodes[difference.Other].Name, Convert.ToHexString(difference.OtherBytes));

    /// <summary>A service's connections diverge in great numbers, or no longer.</summary>
    public void Agreement(ServiceOptions service, ServiceReading reading) =>
        Agreement(service.Name, reading.IsInAgreement, reading.Diverged, reading.Open, "connections");

    /// <summary>The same of its clients' ends over UDP.</summary>
    public void Agreement(ServiceOptions service, DatagramReading reading) =>
        Agreement(service.Name, reading.IsInAgreement, reading.Diverged, reading.Compared, "flows of datagrams");

    /// <summary>So many bytes of the record ring were given back before the store had them. Told every ten seconds.</summary>
    public void GivenUp(ulong bytes, ulong nowNs)
    {
        if (bytes != _givenUp && nowNs >= _givenUpNs + BetweenRingsNs)
        {
            LogGivenUp(logger, bytes - _givenUp);
            (_givenUp, _givenUpNs) = (bytes, nowNs);
        }
    }

    /// <summary>Something failed that should not.</summary>
    public void Failed(Exception e) => LogFailed(logger, e);

    private void Agreement(string service, bool isInAgreement, int diverged, int of, string what)
    {
        if (isInAgreement)
        {
            LogAgrees(logger, service, what);
        }
        else
        {
            LogDisagrees(logger, service, diverged, of, what);
        }
    }

    [LoggerMessage(1211, LogLevel.Information, "Goes on with {Flows} open connections of an earlier run")]
    private static partial void LogInherited(ILogger logger, int flows);

    [LoggerMessage(1212, LogLevel.Information, "The store is read: {Flows} connections of an earlier run")]
    private static partial void LogRestored(ILogger logger, int flows);

    [LoggerMessage(1213, LogLevel.Warning, "{Flow} has diverged at {Node} and does not survive a failover: the node's log tells what differs")]
    private static partial void LogDiverged(ILogger logger, FlowKey flow, string node);

    [LoggerMessage(1214, LogLevel.Error, "The servers of {Service} are not alike: {Diverged} of {Open} {Flows} have diverged, and none counts as protected any more")]
    private static partial void LogDisagrees(ILogger logger, string service, int diverged, int open, string flows);

    [LoggerMessage(1215, LogLevel.Information, "The servers of {Service} agree again: {Flows}")]
    private static partial void LogAgrees(ILogger logger, string service, string flows);

    [LoggerMessage(1216, LogLevel.Warning, "{Flow} has diverged at {Node}: after a failover its client may hear what contradicts what it was told. The node's log tells what differs. Others are counted, one a second is told")]
    private static partial void LogDatagramsDiverged(ILogger logger, FlowKey flow, string node);

    [LoggerMessage(1217, LogLevel.Error, "The nodes contradict one another about {Flow}, and its client gets neither: at sequence number {Sequence}, {Node} says {Bytes} and {Other} says {OtherBytes}")]
    private static partial void LogContested(ILogger logger, FlowKey flow, uint sequence, string node, string bytes, string other, string otherBytes);

    [LoggerMessage(1218, LogLevel.Warning, "Half of the record ring waits for the recordings' store: room of {Bytes} bytes is given back before the store has them. Until it has, they are in this process's memory alone: what of them a node lacks is lost when this process ends. Give the store more of a processor, or the gateway a faster one (recorder.redis)")]
    private static partial void LogGivenUp(ILogger logger, ulong bytes);

    [LoggerMessage(1210, LogLevel.Error, "The recorder failed and goes on")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
