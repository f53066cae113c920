using System.Globalization;
using System.Net.Sockets;
using Appliance.Bpf;
using Appliance.Net;

namespace Appliance.Host;

/// <summary>What the machine must offer; every finding says how to mend it.</summary>
public static class HostRequirements
{
    private const int NetAdmin = 12;
    private const int NetRaw = 13;
    private const int SysAdmin = 21;
    private const int SysNice = 23;
    private const int Perfmon = 38;
    private const int Bpf = 39;

    /// <summary>The kfunc that opens a replica's socket: mainline Linux since 6.9.</summary>
    private const string RequiredFunction = "bpf_sk_assign_tcp_reqsk";

    /// <summary>Capabilities and BTF, which both roles need.</summary>
    public static IEnumerable<string> CheckCommon() => CheckCapabilities().Concat(CheckTypes());

    /// <summary>Capabilities, which both roles need.</summary>
    public static IEnumerable<string> CheckCapabilities()
    {
        var effective = EffectiveCapabilities();
        foreach (var (bit, name) in new[] { (NetAdmin, "CAP_NET_ADMIN"), (NetRaw, "CAP_NET_RAW"), (Bpf, "CAP_BPF"), (Perfmon, "CAP_PERFMON") })
        {
            if ((effective & (1UL << bit)) == 0 && (effective & (1UL << SysAdmin)) == 0)
            {
                yield return $"missing capability {name}: run as root, or grant it (systemd: AmbientCapabilities, compose: cap_add)";
            }
        }
    }

    /// <summary>What a gateway needs to go on where an earlier one stopped: the kernel finds maps by their ids for nobody else.</summary>
    public static IEnumerable<string> CheckSuccession()
    {
        if ((EffectiveCapabilities() & (1UL << SysAdmin)) == 0)
        {
            yield return "missing capability CAP_SYS_ADMIN: without it a gateway cannot go on with the connections of an earlier one, only start anew";
        }
    }

    /// <summary>What both do without when they have to.</summary>
    public static IEnumerable<string> CheckPunctuality()
    {
        if ((EffectiveCapabilities() & (1UL << SysNice)) == 0)
        {
            yield return "missing capability CAP_SYS_NICE: heartbeats may be late on a busy machine, which then counts as dead";
        }
    }

    /// <summary>The kernel's types, which both roles need.</summary>
    public static IEnumerable<string> CheckTypes()
    {
        if (!File.Exists("/sys/kernel/btf/vmlinux"))
        {
            yield return "the kernel has no BTF (/sys/kernel/btf/vmlinux is absent): use a kernel built with CONFIG_DEBUG_INFO_BTF";
        }
    }

    /// <summary>What a node needs beyond that. The kfunc is probed in the kernel's BTF; version numbers say nothing.</summary>
    public static IEnumerable<string> CheckNode()
    {
        using var kernel = Btf.OfKernel();
        if (kernel is not null && !kernel.HasFunction(RequiredFunction))
        {
            yield return $"the kernel lacks {RequiredFunction}: use Linux 6.9 or later (Debian 13, Ubuntu 24.04 HWE, RHEL 10) with CONFIG_SYN_COOKIES";
        }
        foreach (var (name, least) in new[]
        {
            ("net.ipv4.tcp_syncookies", 1), ("net.ipv4.tcp_window_scaling", 1), ("net.ipv4.tcp_sack", 1), ("net.ipv4.tcp_timestamps", 1),
        })
        {
            if (!int.TryParse(Sysctl.ReadOrEmpty(name), CultureInfo.InvariantCulture, out var value) || value < least)
            {
                yield return $"{name} must be at least {least}, or replicas cannot agree with what primaries negotiate: sysctl -w {name}={least}";
            }
        }
        if (Sysctl.ReadOrEmpty("net.mptcp.enabled") == "1")
        {
            yield return "net.mptcp.enabled is 1: servers that listen with MPTCP (Go 1.24 and later do) could not be replicated: sysctl -w net.mptcp.enabled=0";
        }
        if (!File.Exists("/dev/net/tun"))
        {
            yield return "/dev/net/tun is absent: modprobe tun (in a container: devices: [/dev/net/tun])";
        }
        else if (!TapDevice.IsAllowed)
        {
            yield return "/dev/net/tun cannot be opened by this user: chmod 666 /dev/net/tun, as udev does";
        }
    }

    /// <summary>What the gateway needs to route the service's addresses. No reason to refuse a start: it can be set at any time.</summary>
    public static IEnumerable<string> CheckForwarding(IEnumerable<AddressFamily> families)
    {
        foreach (var family in families.Distinct())
        {
            var name = family == AddressFamily.InterNetwork ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding";
            if (Sysctl.ReadOrEmpty(name) is "0")
            {
                yield return $"{name} is 0: the gateway is the router between clients and nodes: sysctl -w {name}=1";
            }
        }
    }

    private static ulong EffectiveCapabilities()
    {
        const string Field = "CapEff:";
        var line = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal));
        return line is null ? 0 : ulong.Parse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
