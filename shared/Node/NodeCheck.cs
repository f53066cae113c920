using System.Globalization;
using System.Net;
using Appliance.Configuration;
using Appliance.Host;
using Appliance.Host.Checks;
using Appliance.Net;

namespace Appliance.Node;

/// <summary>What <c>--check</c> looks at on a node: all that its agent needs, without a start.</summary>
internal static class NodeCheck
{
    private const int LeastReceiveBuffer = 16 << 20;

    public static async Task RunAsync(NodeOptions options, Checklist list)
    {
        var loads = HostChecks.CheckKernel(list, HostRequirements.CheckNode());
        using var netlink = new RtNetlink();
        var isRunning = netlink.Links().Any(link => link.Name.StartsWith(NodeAgent.TapPrefix, StringComparison.Ordinal));
        if (HostChecks.CheckLan(list, netlink, options.LanInterface) is { } lan)
        {
            if (!isRunning)
            {
                HostChecks.CheckLeftovers(list, lan);
            }
            HostChecks.CheckOnLink(list, "nextHops", netlink, lan, options.NextHops);
            HostChecks.CheckSettings(list, NodeNetwork.Settings(lan.Name));
        }
        if (loads)
        {
            list.Try("programs", "the kernel accepts them", () => NodeDataPath.Load(options).Dispose());
        }
        if (options.Listen is { } listen && !isRunning)
        {
            list.Try("listen", $"{listen} is free", () => FreePort.Require(listen, listen.ToString()));
        }
        CheckReceiveBuffer(list);
        var answers = await Task.WhenAll(options.Gateways.Select(gateway => Neighbour.AskAsync(gateway, CancellationToken.None)));
        foreach (var (gateway, answer) in options.Gateways.Zip(answers))
        {
            Tell(list, gateway, answer);
        }
    }

    private static void CheckReceiveBuffer(Checklist list)
    {
        const string Name = "net.ipv4.tcp_rmem";
        var present = Sysctl.ReadOrEmpty(Name);
        if (present.Split(' ') is not [_, var usual, _] || int.Parse(usual, CultureInfo.InvariantCulture) < LeastReceiveBuffer)
        {
            list.Warning("sysctl", $"{Name} is {present}: a replica with a smaller window than its primary's loses what lies beyond it, and has to be sent that again: sysctl -w {Name}='4096 {LeastReceiveBuffer} {2 * LeastReceiveBuffer}'");
        }
    }

    private static void Tell(Checklist list, IPEndPoint gateway, bool? answer)
    {
        const string Subject = "heartbeat.gateways";
        switch (answer)
        {
            case true:
                list.Ok(Subject, $"{gateway} answers");
                break;
            case false:
                list.Warning(Subject, $"{gateway} refuses: start the gateway, or open the port for UDP and TCP there");
                break;
            default:
                list.Warning(Subject, $"{gateway} does not answer: mend the address or the way to it, or open the port for UDP and TCP there");
                break;
        }
    }
}
