using Appliance.Lab.Traffic.Native;

namespace Appliance.Lab.Traffic.Server;

/// <summary>One echo connection, and the bytes it could not send back yet. While there are any, it reads nothing.</summary>
/// <param name="socket">The non-blocking socket, owned.</param>
internal sealed class EchoConnection(TcpSocket socket) : IDisposable
{
    private byte[] _pending = [];
    private int _pendingStart;
    private int _pendingEnd;

    public TcpSocket Socket => socket;

    /// <summary>Whether bytes wait for room in the send buffer.</summary>
    public bool IsBlocked => _pendingStart < _pendingEnd;

    /// <summary>Echoes what has arrived, one buffer at most; returns false when the connection is over.</summary>
    public bool Echo(Span<byte> buffer)
    {
        int received = socket.Receive(buffer);
        if (received <= 0)
        {
            return IsTransient(received);
        }

        int sent = socket.Send(buffer[..received]);
        if (sent < 0)
        {
            if (!IsTransient(sent))
            {
                return false;
            }

            sent = 0;
        }

        if (sent < received)
        {
            _pending = buffer[sent..received].ToArray();
            _pendingStart = 0;
            _pendingEnd = _pending.Length;
        }

        return true;
    }

    /// <summary>Sends more of the waiting bytes; returns false when the connection is over.</summary>
    public bool Flush()
    {
        int sent = socket.Send(_pending.AsSpan(_pendingStart, _pendingEnd - _pendingStart));
        if (sent < 0)
        {
            return IsTransient(sent);
        }

        _pendingStart += sent;
        if (!IsBlocked)
        {
            _pending = [];
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private static bool IsTransient(int result) => result is -Errno.WouldBlock or -Errno.Interrupted;
}
