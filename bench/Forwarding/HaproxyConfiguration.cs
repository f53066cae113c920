using Appliance.Lab.Topology;

namespace Appliance.Bench.Forwarding;

/// <summary>HAProxy as a TCP relay in the gateway's place, at its client-side address.</summary>
public static class HaproxyConfiguration
{
    /// <summary>The ports that are relayed: those of the traffic server.</summary>
    private static readonly int[] s_ports = [7001, 7002];

    private const string Check = " check inter 100ms fall 3 on-marked-down shutdown-sessions";

    /// <summary>The text of its configuration file; splicing spares it the copies through its own memory.</summary>
    /// <param name="withBackup">Checks both servers ten times a second; connections to one that is down are ended, so that clients know.</param>
    public static string Compose(bool withBackup) =>
        $"""
        global
            maxconn 2000
        defaults
            mode tcp
            option splice-auto
            timeout connect 5s
            timeout client 1h
            timeout server 1h
        {string.Join('\n', s_ports.Select(port => Relay(port, withBackup)))}

        """;

    /// <summary>The version in the output of <c>haproxy -v</c>, for example <c>3.0.11</c>; null when there is none.</summary>
    public static string? Version(string output)
    {
        var words = output.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var at = Array.FindIndex(words, word => string.Equals(word, "version", StringComparison.Ordinal));
        return at >= 0 && at + 1 < words.Length ? words[at + 1].Split('-', '+')[0] : null;
    }

    private static string Relay(int port, bool withBackup) =>
        $"""
        listen port{port}
            bind {LabAddresses.GatewayOuter4}:{port}
            server node1 {LabAddresses.Vip4}:{port}{(withBackup ? Check : "")}
        {(withBackup ? $"    server node2 {LabAddresses.Node4(LabHost.Node2)}:{port}{Check} backup" : "")}
        """;
}
