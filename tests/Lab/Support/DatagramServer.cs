using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Lab;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;

namespace Appliance.Tests.Lab.Support;

/// <summary>
/// A server of one node that takes datagrams. Its socket is bound to the service's address, so that this is where its
/// answers come from. It runs in the test's process, so a crash cuts its node off without killing it.
/// </summary>
internal sealed class DatagramServer : IDisposable
{
    private readonly Socket _socket;
    private readonly Func<ReadOnlyMemory<byte>, byte[]?> _serve;
    private readonly CancellationTokenSource _stop = new();

    private DatagramServer(Socket socket, Func<ReadOnlyMemory<byte>, byte[]?> serve)
    {
        _socket = socket;
        _serve = serve;
        _ = ServeAsync();
    }

    /// <summary>Answers each request of one datagram with one, as a name server does.</summary>
    public static DatagramServer Answering(Laboratory lab, LabHost node, IPEndPoint service) => new(
        Open(lab, node, service),
        static request => Encoding.ASCII.GetBytes(AnswerTo(Encoding.ASCII.GetString(request.Span))));

    /// <summary>Writes what it receives to a file, in the order in which it comes, and answers nothing.</summary>
    public static DatagramServer Writing(Laboratory lab, LabHost node, IPEndPoint service, string file)
    {
        File.WriteAllBytes(file, []);
        return new DatagramServer(Open(lab, node, service), payload =>
        {
            using var stream = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            stream.Write(payload.Span);
            return null;
        });
    }

    /// <summary>What a request is answered with.</summary>
    public static string AnswerTo(string request) => $"{request} is {string.Concat(request.Reverse())}";

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _socket.Dispose();
        _stop.Dispose();
    }

    private static Socket Open(Laboratory lab, LabHost node, IPEndPoint service) => NetworkNamespace.Run(lab.Namespace(node), () =>
    {
        const int SolSocket = 1;
        const int ReceiveBufferForce = 33; // SO_RCVBUFFORCE: what a busy machine reads late is not what is tried
        var socket = new Socket(service.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.SetRawSocketOption(SolSocket, ReceiveBufferForce, BitConverter.GetBytes(16 << 20));
        socket.Bind(service);
        return socket;
    });

    private async Task ServeAsync()
    {
        var buffer = new byte[2048];
        EndPoint anybody = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        try
        {
            while (true)
            {
                var request = await _socket.ReceiveFromAsync(buffer, anybody, _stop.Token);
                if (_serve(buffer.AsMemory(0, request.ReceivedBytes)) is { } answer)
                {
                    await _socket.SendToAsync(answer, request.RemoteEndPoint, _stop.Token);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }
}
