using System.Net;
using System.Net.Sockets;
using Appliance.Bpf.Layout;
using Appliance.Net;
using static Appliance.Tests.Kernel.Net.NetworkNamespaceScope;

namespace Appliance.Tests.Kernel.Net;

/// <summary>A connection is ended by its ends, and what is said about it afterwards is certain.</summary>
[TestClass]
public sealed class SocketDiagnosticsTests
{
    private const int Loopback = 1;

    [TestMethod]
    [DataRow("127.0.0.1", "127.0.0.1", false)]
    [DataRow("::1", "::1", false)]
    [DataRow("::", "127.0.0.1", false, DisplayName = "IPv4 at a socket of both families")]
    [DataRow("127.0.0.1", "127.0.0.1", true, DisplayName = "bound to the interface")]
    public void The_connection_of_these_ends_is_destroyed_and_no_other(string listens, string connects, bool isBound) => Run(() =>
    {
        using var listener = Listen(IPAddress.Parse(listens), isBound);
        var (client, server) = Connect(listener, IPAddress.Parse(connects));
        var (otherClient, otherServer) = Connect(listener, IPAddress.Parse(connects));
        using var diagnostics = new SocketDiagnostics();
        var key = new FlowKey((IPEndPoint)client.LocalEndPoint!, (IPEndPoint)client.RemoteEndPoint!);
        for (var time = 0; time < 2; time++)
        {
            Assert.IsTrue(diagnostics.Destroy(key, Loopback).IsOk, "the second time there is none");
        }
        Assert.AreEqual(SocketError.ConnectionAborted, Assert.ThrowsExactly<SocketException>(() => server.Receive(new byte[1])).SocketErrorCode);
        Assert.AreEqual(SocketError.ConnectionReset, Assert.ThrowsExactly<SocketException>(() => client.Receive(new byte[1])).SocketErrorCode);

        otherClient.Send("x"u8);
        Assert.AreEqual(1, otherServer.Receive(new byte[1]), "a connection of other ends lives");
        var (thirdClient, thirdServer) = Connect(listener, IPAddress.Parse(connects));
        foreach (var socket in new[] { client, server, otherClient, otherServer, thirdClient, thirdServer })
        {
            socket.Dispose();
        }
    });

    private static Socket Listen(IPAddress address, bool isBound)
    {
        const int SO_BINDTODEVICE = 25;
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (address.Equals(IPAddress.IPv6Any))
        {
            listener.DualMode = true;
        }
        if (isBound)
        {
            listener.SetRawSocketOption(1, SO_BINDTODEVICE, "lo"u8);
        }
        listener.Bind(new IPEndPoint(address, 0));
        listener.Listen();
        return listener;
    }

    private static (Socket Client, Socket Server) Connect(Socket listener, IPAddress to)
    {
        var client = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(to, ((IPEndPoint)listener.LocalEndPoint!).Port);
        return (client, listener.Accept());
    }
}
