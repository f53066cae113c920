using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Appliance.Net;

/// <summary>
/// Keeps connections of some addresses from the host's connection tracking, as long as it lives. Where any NAT chain is loaded
/// (every container has one for its names, every container host and many firewalls), the kernel compares the socket that a packet
/// was given to with what it tracks, and takes it away from sockets that are only about to be made, as replicas are:
/// <c>nf_nat_inet_port_was_mangled()</c> in net/netfilter/nf_nat_proto.c. What is not tracked it does not touch.
/// </summary>
public sealed class UntrackedAddresses : IDisposable
{
    /// <summary>The table's name in the family inet.</summary>
    public const string Table = "appliance";

    private const string Tracked = "/proc/sys/net/netfilter/nf_conntrack_count";

    private readonly Nftables? _session;

    private UntrackedAddresses(Nftables? session, string? remedy)
    {
        _session = session;
        Remedy = remedy;
    }

    /// <summary>What keeps the rules from being made and what to do, or null.</summary>
    public string? Remedy { get; }

    /// <summary>Makes the rules in the calling thread's network namespace.</summary>
    public static UntrackedAddresses Set(IReadOnlyCollection<IPAddress> addresses)
    {
        Nftables session;
        try
        {
            session = Nftables.Open();
        }
        catch (DllNotFoundException)
        {
            return new UntrackedAddresses(null, "libnftables is absent: install it (Debian: libnftables1)");
        }
        if (session.Run(Rules(addresses)) is not { } error)
        {
            return new UntrackedAddresses(session, null);
        }
        session.Dispose();
        return new UntrackedAddresses(null, $"{error}: let nobody else have a table 'inet {Table}', and load the modules nf_tables and nft_ct");
    }

    /// <summary>Whether the namespace tracks connections, which the rules are for.</summary>
    public static bool AreWanted()
    {
        try
        {
            return File.ReadAllText(Tracked).Trim() != "0";
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Removes the rules.</summary>
    public void Dispose() => _session?.Dispose();

    private static string Rules(IReadOnlyCollection<IPAddress> addresses)
    {
        var rules = new StringBuilder($"table inet {Table} {{\nflags owner\n");
        foreach (var (chain, end) in new[] { ("prerouting", "daddr"), ("output", "saddr") })
        {
            rules.Append($"chain {chain} {{\ntype filter hook {chain} priority raw; policy accept;\n");
            foreach (var family in addresses.GroupBy(static a => a.AddressFamily == AddressFamily.InterNetwork ? "ip" : "ip6", StringComparer.Ordinal))
            {
                rules.Append($"{family.Key} {end} {{ {string.Join(", ", family)} }} notrack\n");
            }
            rules.Append("}\n");
        }
        return rules.Append("}\n").ToString();
    }
}
