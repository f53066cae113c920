using System.Net;
using System.Net.Sockets;
using Appliance.Lab;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;

namespace Appliance.Tests.Lab.Support;

/// <summary>Sockets on the lab's client machine.</summary>
internal static class ClientNetwork
{
    /// <summary>A socket that is not connected yet.</summary>
    public static Socket Open(Laboratory lab) => Open(lab, 1)[0];

    /// <summary>Sockets that are not connected yet.</summary>
    public static IReadOnlyList<Socket> Open(Laboratory lab, int count) => NetworkNamespace.Run(
        lab.Namespace(LabHost.Client),
        () => Enumerable.Range(0, count).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }).ToList());

    /// <summary>The service.</summary>
    public static IPEndPoint Service(int port) => new(IPAddress.Parse(LabAddresses.Vip4), port);

    /// <summary>A connection to the service.</summary>
    public static async Task<Socket> ConnectAsync(Laboratory lab, int port, CancellationToken cancellation)
    {
        var socket = Open(lab);
        await socket.ConnectAsync(Service(port), cancellation);
        return socket;
    }
}
