using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Bench.Labs;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Api;

/// <summary>A connection to the gateway's interface that comes from the client network, and means no good.</summary>
public sealed class Stranger : IDisposable
{
    private static readonly IPAddress s_gateway = IPAddress.Parse(LabAddresses.GatewayOuter4);

    private readonly Socket _socket;

    private Stranger(Socket socket) => _socket = socket;

    /// <summary>Whether the gateway has refused or closed it.</summary>
    public bool IsOver
    {
        get
        {
            try
            {
                return _socket.Poll(0, SelectMode.SelectRead);
            }
            catch (SocketException)
            {
                return true;
            }
        }
    }

    /// <summary>Connects some from one address; those that cannot be made are left out.</summary>
    public static async Task<IReadOnlyList<Stranger>> ConnectAsync(BenchLab lab, IPAddress from, int port, int count, CancellationToken cancellation)
    {
        var sockets = NetworkNamespace.Run(
            lab.Laboratory.Namespace(LabHost.Client),
            () => Enumerable.Range(0, count).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }).ToList());
        return [.. (await Task.WhenAll(sockets.Select(socket => ConnectAsync(socket, from, port, cancellation)))).OfType<Stranger>()];
    }

    /// <summary>Sends a piece of text, if it goes out at once.</summary>
    public void TrySend(string text)
    {
        try
        {
            _socket.Blocking = false;
            _socket.Send(Encoding.ASCII.GetBytes(text));
        }
        catch (SocketException)
        {
            // It is over, or will be.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static async Task<Stranger?> ConnectAsync(Socket socket, IPAddress from, int port, CancellationToken cancellation)
    {
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(new IPEndPoint(s_gateway, port), cancellation);
            return new Stranger(socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}
