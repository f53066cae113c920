using System.Net;
using Appliance.Net;

namespace Appliance.Host.Checks;

/// <summary>What gateway and nodes check alike.</summary>
public static class HostChecks
{
    private const string Lan = "lanInterface";

    /// <summary>Kernel and capabilities.</summary>
    /// <returns>True when programs can be loaded at all.</returns>
    public static bool CheckKernel(Checklist list, IEnumerable<string> further)
    {
        var loads = list.Errors("capabilities", HostRequirements.CheckCapabilities(), "all there are needed");
        foreach (var want in HostRequirements.CheckPunctuality())
        {
            list.Warning("capabilities", want);
        }
        loads &= list.Errors("kernel", HostRequirements.CheckTypes().Concat(further), $"Linux {Sysctl.ReadOrEmpty("kernel.osrelease")}");
        return loads;
    }

    /// <summary>The LAN interface; null when there is none.</summary>
    /// <param name="list">Gets the findings.</param>
    /// <param name="netlink">A socket of the namespace.</param>
    /// <param name="setting">As configured.</param>
    public static LinkInfo? CheckLan(Checklist list, RtNetlink netlink, string setting)
    {
        if (!list.TryGet(Lan, link => $"{link.Name}, MTU {link.Mtu}", () => LanInterface.Claim(netlink, setting, replaceHooks: true, keep: true), out var lan))
        {
            return null;
        }
        if (!lan.IsUp || !lan.HasCarrier)
        {
            list.Warning(Lan, $"{lan.Name} is {(lan.IsUp ? "without a carrier: look at its cable or switch" : $"down: ip link set {lan.Name} up")}");
        }
        return lan;
    }

    /// <summary>What a killed run has left there.</summary>
    public static void CheckLeftovers(Checklist list, LinkInfo lan)
    {
        foreach (var left in LanInterface.Leftovers(lan))
        {
            list.Warning(Lan, left);
        }
    }

    /// <summary>Addresses that have to be in a network of the LAN interface.</summary>
    public static void CheckOnLink(Checklist list, string subject, RtNetlink netlink, LinkInfo lan, IEnumerable<IPAddress> addresses)
    {
        var networks = netlink.Addresses(lan.Index);
        list.Errors(
            subject,
            addresses.Where(address => !networks.Any(n => n.NetworkContains(address)))
                .Select(address => $"{address} is in no network of {lan.Name} ({string.Join(", ", networks.Select(n => $"{n.Address}/{n.PrefixLength}"))}): mend it, or give {lan.Name} an address beside it"),
            string.Join(", ", addresses));
    }

    /// <summary>Kernel settings that the program makes when it starts: can it?</summary>
    public static void CheckSettings(Checklist list, IEnumerable<(string Name, string Value)> settings) => list.Errors(
        "sysctl",
        settings.Where(s => Sysctl.Probe(s.Name, s.Value) is SysctlStatus.NotWritable or SysctlStatus.Refused)
            .Select(s => $"{s.Name} is not {s.Value} and cannot be changed from here: sysctl -w {s.Name}={s.Value} (in a container: sysctls)"),
        "what the program changes can be changed");
}
