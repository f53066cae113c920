using System.Net;
using System.Net.Sockets;
using Appliance.Lab;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;

namespace Appliance.Tests.Lab.Support;

/// <summary>
/// A server on one node, for conversations that no ordinary server has. It is ordinary towards the appliance: kernel
/// sockets, no knowledge of a peer. It runs in the test's process, so a crash cuts its node off without killing it.
/// </summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Socket, CancellationToken, Task> _conversation;

    private ScriptedServer(Socket listener, Func<Socket, CancellationToken, Task> conversation)
    {
        _listener = listener;
        _conversation = conversation;
        _ = AcceptAsync();
    }

    /// <summary>Echoes until the client closes.</summary>
    public static async Task EchoAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, cancellation) is > 0 and var length)
        {
            await socket.TellAsync(buffer.AsMemory(0, length));
        }
    }

    /// <summary>Starts the server on a node.</summary>
    public static ScriptedServer Start(
        Laboratory lab,
        LabHost node,
        int port,
        Func<Socket, CancellationToken, Task> conversation,
        int? receiveBuffer = null)
    {
        var listener = NetworkNamespace.Run(lab.Namespace(node), () =>
        {
            var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            if (receiveBuffer is { } size)
            {
                socket.ReceiveBufferSize = size;
            }

            socket.Listen(4096);
            return socket;
        });
        return new ScriptedServer(listener, conversation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                socket.NoDelay = true;
                _ = ConverseAsync(socket);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ConverseAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await _conversation(socket, _stop.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The client or the test went away.
            }
        }
    }
}
