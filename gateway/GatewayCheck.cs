using System.Net;
using Appliance.Configuration;
using Appliance.Gateway.Control;
using Appliance.Gateway.DataPath;
using Appliance.Gateway.Recording.Store;
using Appliance.Host;
using Appliance.Host.Checks;
using Appliance.Net;
using Appliance.RepairChannel;

namespace Appliance.Gateway;

/// <summary>What <c>--check</c> looks at on the gateway: all that it needs, without a start.</summary>
internal static class GatewayCheck
{
    private const int AnyPort = 9; // discard: whether it listens or refuses, the machine answers

    public static async Task RunAsync(GatewayOptions options, Checklist list)
    {
        var addresses = options.Services.SelectMany(s => s.Addresses).Distinct().ToList();
        var loads = HostChecks.CheckKernel(list, []);
        foreach (var want in HostRequirements.CheckSuccession())
        {
            list.Warning("capabilities", want);
        }
        list.Errors("forwarding", HostRequirements.CheckForwarding(addresses.Select(a => a.AddressFamily)), "on");
        using var netlink = new RtNetlink();
        var lan = HostChecks.CheckLan(list, netlink, options.LanInterface);
        var isRunning = await IsRunningAsync(options, lan);
        if (lan is not null)
        {
            if (!isRunning)
            {
                HostChecks.CheckLeftovers(list, lan);
            }
            CheckMtu(list, netlink, lan);
            HostChecks.CheckOnLink(list, "services", netlink, lan, addresses);
            HostChecks.CheckOnLink(list, "nodes", netlink, lan, options.Nodes.Select(n => n.Address));
        }
        if (loads)
        {
            list.Try("programs", "the kernel accepts them", () => GatewayDataPath.Load(options).Dispose());
        }
        if (isRunning)
        {
            list.Ok("listen", $"a gateway runs here, at {options.Listen}: its ports and files were not looked at");
        }
        else
        {
            list.Try("listen", $"{options.Listen} is free", () => FreePort.Require(GatewayHost.EndPointOf(options.Listen), options.Listen));
            list.Try("heartbeat.bind", $"{string.Join(", ", options.HeartbeatBind)}: free for UDP and TCP", () =>
            {
                new NodeLinks(options).Dispose();
                new ChannelListener(options.HeartbeatBind, options.Secret, _ => { }).Dispose();
            });
        }
        if (options.Recorder.Store == StoreKind.Redis || !isRunning)
        {
            await StoreCheck.RunAsync(options.Recorder, list);
        }
        if (options.Otlp is { } otlp)
        {
            await CheckCollectorAsync(list, otlp.Endpoint);
        }
        var answers = await Task.WhenAll(options.Nodes.Select(node => Neighbour.AskAsync(AddressOf(node), CancellationToken.None)));
        foreach (var (node, answer) in options.Nodes.Zip(answers))
        {
            Tell(list, node, answer);
        }
    }

    /// <summary>Clients' segments that do not fit the LAN are fragmented there, or their senders told to make them smaller.</summary>
    private static void CheckMtu(Checklist list, RtNetlink netlink, LinkInfo lan)
    {
        foreach (var link in netlink.Links().Where(l => l.IsUp && l.Index != lan.Index && l.Mac.GetAddressBytes().Length > 0 && l.Name != "lo" && l.Mtu > lan.Mtu))
        {
            list.Warning(
                "mtu", $"{link.Name} has {link.Mtu} bytes and {lan.Name} {lan.Mtu}: datagrams that do not fit pass in fragments, unprotected: ip link set {lan.Name} mtu {link.Mtu}, on the nodes as well");
        }
    }

    private static async Task CheckCollectorAsync(Checklist list, Uri endpoint)
    {
        const string Subject = "telemetry.otlp";
        if (await Neighbour.AskAsync(new DnsEndPoint(endpoint.Host.Trim('[', ']'), endpoint.Port), CancellationToken.None) is true)
        {
            list.Ok(Subject, $"{endpoint} answers");
        }
        else
        {
            list.Warning(Subject, $"{endpoint} does not answer: start the collector, with OTLP over HTTP, or mend the address; what it misses is lost");
        }
    }

    private static IPEndPoint AddressOf(GatewayOptions.NodeEntry node) => node.Api ?? new IPEndPoint(node.Address, AnyPort);

    private static void Tell(Checklist list, GatewayOptions.NodeEntry node, bool? answer)
    {
        if (answer is null)
        {
            list.Warning("nodes", $"{node.Name} does not answer at {AddressOf(node)}: start the machine, mend the address or the way to it");
        }
        else if (answer is false && node.Api is not null)
        {
            list.Warning("nodes", $"{node.Name} refuses at {node.Api}: start its agent, with that address as listen");
        }
        else
        {
            list.Ok("nodes", $"{node.Name} answers");
        }
    }

    /// <summary>Programs at the interface, and somebody at the REST interface's place.</summary>
    private static async Task<bool> IsRunningAsync(GatewayOptions options, LinkInfo? lan) =>
        lan is not null && LanInterface.Leftovers(lan).Count > 0 && await Neighbour.AskAsync(Connectable(GatewayHost.EndPointOf(options.Listen)), CancellationToken.None) is true;

    private static IPEndPoint Connectable(IPEndPoint listen) => listen.Address switch
    {
        var any when any.Equals(IPAddress.Any) => new(IPAddress.Loopback, listen.Port),
        var any when any.Equals(IPAddress.IPv6Any) => new(IPAddress.IPv6Loopback, listen.Port),
        _ => listen,
    };
}
