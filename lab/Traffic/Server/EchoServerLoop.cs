using Appliance.Lab.Traffic.Native;

namespace Appliance.Lab.Traffic.Server;

/// <summary>Serves every echo connection on the calling thread.</summary>
/// <param name="listener">Non-blocking, owned by the caller.</param>
/// <param name="maxConnections">Connections open at once; further ones wait.</param>
internal sealed class EchoServerLoop(TcpSocket listener, int maxConnections) : IDisposable
{
    /// <summary>How soon a cancellation is noticed.</summary>
    private const int TickMs = 100;

    /// <summary>Connections taken in one go, so that accepting never holds up those that are open.</summary>
    private const int AcceptBatch = 64;

    private readonly EventPoll _poll = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 * 1024, pinned: true);

    /// <summary>By file descriptor, which is the tag of its events too.</summary>
    private EchoConnection?[] _connections = new EchoConnection?[1024];

    private int _open;
    private bool _accepting;

    /// <summary>Runs until cancelled.</summary>
    public void Run(CancellationToken cancellation)
    {
        _poll.Add(listener, listener.Descriptor, PollEvents.Readable);
        _accepting = true;
        while (!cancellation.IsCancellationRequested)
        {
            int count = _poll.Wait(TickMs);
            for (int i = 0; i < count; i++)
            {
                int descriptor = _poll.Read(i, out _);
                if (descriptor == listener.Descriptor)
                {
                    Accept();
                }
                else if (_connections[descriptor] is { } connection)
                {
                    Serve(connection);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (EchoConnection? connection in _connections)
        {
            connection?.Dispose();
        }

        _poll.Dispose();
    }

    private void Accept()
    {
        for (int i = 0; i < AcceptBatch; i++)
        {
            if (_open >= maxConnections)
            {
                Watch(accepting: false);
                return;
            }

            TcpSocket? socket = listener.Accept(nonBlocking: true);
            if (socket is null)
            {
                return;
            }

            int descriptor = socket.Descriptor;
            if (descriptor >= _connections.Length)
            {
                Array.Resize(ref _connections, Math.Max(descriptor + 1, _connections.Length * 2));
            }

            _connections[descriptor] = new EchoConnection(socket);
            _poll.Add(socket, descriptor, PollEvents.Readable);
            _open++;
        }
    }

    private void Serve(EchoConnection connection)
    {
        bool wasBlocked = connection.IsBlocked;
        if (!(wasBlocked ? connection.Flush() : connection.Echo(_buffer)))
        {
            Close(connection);
        }
        else if (connection.IsBlocked != wasBlocked)
        {
            PollEvents wanted = wasBlocked ? PollEvents.Readable : PollEvents.Writable;
            _poll.Modify(connection.Socket, connection.Socket.Descriptor, wanted);
        }
    }

    private void Close(EchoConnection connection)
    {
        _connections[connection.Socket.Descriptor] = null;
        connection.Dispose();
        _open--;
        if (!_accepting)
        {
            Watch(accepting: true);
        }
    }

    /// <summary>At the limit the listener would stay readable and spin; it rests until a connection closes.</summary>
    private void Watch(bool accepting)
    {
        _accepting = accepting;
        _poll.Modify(listener, listener.Descriptor, accepting ? PollEvents.Readable : PollEvents.None);
    }
}
