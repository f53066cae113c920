using Appliance.Lab.Traffic.Native;

namespace Appliance.Lab.Traffic.Server;

/// <summary>Accepts on the stream port, on the calling thread, and gives each connection a thread of its own.</summary>
/// <param name="listener">Blocking, owned by the caller.</param>
/// <param name="maxStreams">Connections served at once.</param>
/// <param name="flipEvery">Bytes of a download between two that are wrong; 0 for none.</param>
internal sealed class StreamServer(TcpSocket listener, int maxStreams, long flipEvery) : IDisposable
{
    /// <summary>How soon a blocked call notices a cancellation.</summary>
    private const int TickMs = 200;

    private const int StackBytes = 256 * 1024;

    private readonly SemaphoreSlim _free = new(maxStreams);

    /// <summary>Runs until cancelled and every stream has ended.</summary>
    public void Run(CancellationToken cancellation)
    {
        listener.SetTimeouts(TickMs);
        while (!cancellation.IsCancellationRequested)
        {
            if (!_free.Wait(TickMs, CancellationToken.None))
            {
                continue;
            }

            TcpSocket? socket = listener.Accept(nonBlocking: false);
            if (socket is null)
            {
                _free.Release();
                continue;
            }

            socket.SetTimeouts(TickMs);
            new Thread(() => Serve(socket, cancellation), StackBytes) { IsBackground = true, Name = "stream" }.Start();
        }

        for (int i = 0; i < maxStreams; i++)
        {
            _free.Wait(CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _free.Dispose();

    private void Serve(TcpSocket socket, CancellationToken cancellation)
    {
        using (socket)
        {
            new StreamConnection(socket, flipEvery, cancellation).Serve();
        }

        _free.Release();
    }
}
