using System.Globalization;
using Appliance.Bpf;
using Appliance.Net;

namespace Appliance.Host;

/// <summary>What the machine must offer; every finding says how to mend it.</summary>
public static class HostRequirements
{
    private const int NetAdmin = 12;
    private const int NetRaw = 13;
    private const int SysAdmin = 21;
    private const int Perfmon = 38;
    private const int Bpf = 39;

    /// <summary>The kfunc that opens a replica's socket: mainline Linux since 6.9.</summary>
    private const string RequiredFunction = "bpf_sk_assign_tcp_reqsk";

    /// <summary>Capabilities and BTF, which both roles need.</summary>
    public static IEnumerable<string> CheckCommon()
    {
        var effective = EffectiveCapabilities();
        foreach (var (bit, name) in new[] { (NetAdmin, "CAP_NET_ADMIN"), (NetRaw, "CAP_NET_RAW"), (Bpf, "CAP_BPF"), (Perfmon, "CAP_PERFMON") })
        {
            if ((effective & (1UL << bit)) == 0 && (effective & (1UL << SysAdmin)) == 0)
            {
                yield return $"missing capability {name}: run as root, or grant it (systemd: AmbientCapabilities, compose: cap_add)";
            }
        }
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
            if (!int.TryParse(Read(name), CultureInfo.InvariantCulture, out var value) || value < least)
            {
                yield return $"{name} must be at least {least}, or replicas cannot agree with what primaries negotiate: sysctl -w {name}={least}";
            }
        }
        if (Read("net.mptcp.enabled") == "1")
        {
            yield return "net.mptcp.enabled is 1: servers that listen with MPTCP (Go 1.24 and later do) could not be replicated: sysctl -w net.mptcp.enabled=0";
        }
        if (!File.Exists("/dev/net/tun"))
        {
            yield return "/dev/net/tun is absent: modprobe tun (in a container: devices: [/dev/net/tun])";
        }
    }

    private static string Read(string sysctl) => Sysctl.Read(sysctl, out var value) == SysctlStatus.Ok ? value.Trim() : string.Empty;

    private static ulong EffectiveCapabilities()
    {
        const string Field = "CapEff:";
        var line = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal));
        return line is null ? 0 : ulong.Parse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
