using System.Net.Sockets;
using Appliance.Lab;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;

namespace Appliance.Tests.Lab.Recorder;

/// <summary>A server for one connection that counts what it reads as long as it is right, and tells its client the verdict at the end.</summary>
internal sealed class ByteCountingServer : IDisposable
{
    private readonly byte[] _expected;
    private readonly ScriptedServer _server;
    private long _received;

    /// <summary>Starts it on a node.</summary>
    public ByteCountingServer(Laboratory lab, LabHost node, int port, byte[] expected)
    {
        _expected = expected;
        _server = ScriptedServer.Start(lab, node, port, ReadAsync);
    }

    /// <summary>Bytes so far, up to the first wrong one's segment.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <inheritdoc/>
    public void Dispose() => _server.Dispose();

    private async Task ReadAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[64 << 10];
        var isRight = true;
        for (var at = 0; at < _expected.Length;)
        {
            var length = await socket.ReceiveAsync(buffer, cancellation);
            if (length == 0)
            {
                return;
            }

            isRight &= at + length <= _expected.Length && buffer.AsSpan(0, length).SequenceEqual(_expected.AsSpan(at, length));
            at += length;
            if (isRight)
            {
                Interlocked.Exchange(ref _received, at);
            }
        }

        await socket.TellAsync(isRight ? "right" : "wrong");
    }
}
