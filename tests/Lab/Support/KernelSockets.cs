using System.Globalization;
using Appliance.Lab;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;

namespace Appliance.Tests.Lab.Support;

/// <summary>The TCP sockets of a host, as its kernel lists them.</summary>
internal static class KernelSockets
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<(int Port, TcpState State)> On(Laboratory lab, LabHost host) =>
        [.. Read(lab, host).Select(socket => (socket.Port, socket.State))];

    /// <summary>Whether something listens on a port.</summary>
    public static bool Listens(Laboratory lab, LabHost host, int port) => On(lab, host).Contains((port, TcpState.Listen));

    /// <summary>Those of clients that are not in TIME_WAIT, which ends by itself.</summary>
    public static IReadOnlyList<(int Port, TcpState State)> Lasting(Laboratory lab, LabHost host) =>
    [
        .. Read(lab, host)
            .Where(socket => socket.State is not (TcpState.Listen or TcpState.TimeWait) && socket.PeerPort != LabAddresses.HeartbeatPort && socket.Port != LabAddresses.NodeApiPort)
            .Select(socket => (socket.Port, socket.State)),
    ];

    /// <summary>The ports of its IPv4 UDP sockets.</summary>
    public static IReadOnlyList<int> UdpPorts(Laboratory lab, LabHost host) => NetworkNamespace.Run(
        lab.Namespace(host),
        () => File.ReadLines("/proc/thread-self/net/udp").Skip(1).Select(line => Parse(line).Port).ToList());

    private static List<(int Port, int PeerPort, TcpState State)> Read(Laboratory lab, LabHost host) => NetworkNamespace.Run(
        lab.Namespace(host),
        () => new[] { "tcp", "tcp6" }.SelectMany(table => File.ReadLines($"/proc/thread-self/net/{table}").Skip(1)).Select(Parse).ToList());

    // "sl local_address rem_address st …": addresses are HEX:PORT, everything is hexadecimal.
    private static (int Port, int PeerPort, TcpState State) Parse(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (Hex(fields[1].Split(':')[1]), Hex(fields[2].Split(':')[1]), (TcpState)Hex(fields[3]));
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
