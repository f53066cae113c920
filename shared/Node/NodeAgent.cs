using Appliance.Configuration;
using Appliance.Host;
using Appliance.Native;
using Appliance.Net;
using Appliance.Node.Api;
using Appliance.Node.Repair;
using Microsoft.Extensions.Logging;

namespace Appliance.Node;

/// <summary>
/// A node's agent, primary and backup alike: the roles swap at every failover. Starts silent, in this order: host, LAN
/// interface, TAP, programs, addresses, repair engine, and at last the heartbeats.
/// </summary>
public static partial class NodeAgent
{
    /// <summary>What the names of the agents' TAP interfaces begin with.</summary>
    internal const string TapPrefix = "apltap";

    /// <summary>A program's whole <c>Main</c>.</summary>
    public static Task<int> MainAsync(string program, string[] args) => Daemon.RunAsync(program, args, NodeOptions.Load, NodeCheck.RunAsync, RunAsync);

    private static async Task RunAsync(NodeOptions options, DaemonArguments arguments, ILoggerFactory logging, Shutdown stop)
    {
        StartupException.ThrowIfAny(HostRequirements.CheckCommon());
        StartupException.ThrowIfAny(HostRequirements.CheckNode());
        Realtime.PreferProcess();
        using var netlink = new RtNetlink();
        var lan = LanInterface.Claim(netlink, options.LanInterface, arguments.ReplaceHooks);
        using var rpFilter = new SysctlScope();
        rpFilter.Set(TapDevice.FilterOfAll, "0");
        using var tap = TapDevice.Create($"{TapPrefix}%d", netlink);
        StartupException.ThrowIfAny(tap.Remedies);
        using var dataPath = new NodeDataPath(options, lan.Index, tap.InterfaceIndex);
        using var network = new NodeNetwork(options, netlink, lan);
        using var untracked = UntrackedAddresses.Set([.. options.VirtualAddresses]);
        if (untracked.Remedy is { } remedy && UntrackedAddresses.AreWanted())
        {
            LogTracked(logging.CreateLogger(typeof(NodeAgent)), remedy);
        }
        var injector = new Injector(tap);
        var attempts = new ConnectionAttempts(dataPath, injector);
        using var divergence = new Divergence(options, dataPath, injector, logging.CreateLogger<Divergence>());
        using var takeover = new Takeover(dataPath, network, injector, attempts, divergence, logging.CreateLogger<Takeover>());
        using var link = new RepairLink(options.Gateways, options.Name, options.Secret, logging.CreateLogger<RepairLink>());
        using var repair = new RepairEngine(options, dataPath, injector, attempts, divergence, link, logging.CreateLogger<RepairEngine>());
        using var own = new OwnConnections(options, dataPath, logging.CreateLogger<OwnConnections>());
        using var flows = new FlowSweeper(dataPath, injector, repair, own, divergence, logging.CreateLogger<FlowSweeper>());
        using var control = new NodeControl(options, dataPath, network, takeover, flows, logging.CreateLogger<NodeControl>());
        await using var api = options.Listen is { } listen ? await NodeApi.StartAsync(options, listen, () => control.Health, dataPath.Counters.Snapshot, stop.Token) : null;
        ServiceManager.Ready();
        await LanInterface.WhileThereAsync(netlink, lan, stop.Token);
    }

    [LoggerMessage(2207, LogLevel.Warning, "Cannot keep the service's connections from connection tracking: where a NAT chain is loaded, no replica can be opened. {Remedy}")]
    private static partial void LogTracked(ILogger logger, string remedy);
}
