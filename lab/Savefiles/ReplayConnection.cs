using System.Net.Sockets;
using Appliance.Lab.Compare;

namespace Appliance.Lab.Savefiles;

/// <summary>One connection to the server: sends what it is told to, counts what comes back.</summary>
internal sealed class ReplayConnection : IAsyncDisposable
{
    private const int MostOutput = 64 << 20;

    private readonly Socket _socket;
    private readonly Lock _lock = new();
    private readonly Task _receiving;
    private readonly MemoryStream? _output;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ReplayConnection(Socket socket, bool keepsOutput)
    {
        _socket = socket;
        _output = keepsOutput ? new MemoryStream() : null;
        _receiving = ReceiveAsync();
    }

    /// <summary>Bytes from the server.</summary>
    public long Received { get; private set; }

    /// <summary>Has the server closed?</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Bytes to the server.</summary>
    public long Sent { get; private set; }

    /// <summary>What the server has said up to now, as far as it is kept.</summary>
    public Output Output
    {
        get
        {
            lock (_lock)
            {
                return new Output(_output?.ToArray() ?? [], IsClosed);
            }
        }
    }

    /// <exception cref="ReplayException">There is no such server.</exception>
    public static async Task<ReplayConnection> ConnectAsync(ReplayOptions options, int recordedPort, CancellationToken cancellation)
    {
        var (target, wait) = (options.Target, options.Wait);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(wait);
        try
        {
            await socket.ConnectAsync(target.Host, target.Port ?? recordedPort, limit.Token);
            return new ReplayConnection(socket, options.KeepsOutput);
        }
        catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            socket.Dispose();
            var reason = exception is SocketException ? exception.Message : $"no answer within {wait.TotalSeconds:0.###} s";
            throw new ReplayException($"{target.Describe(recordedPort)}: {reason}: is the server running there?", exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the server has sent so many bytes; its close counts as one. False when it falls silent or closes before.</summary>
    public async Task<bool> WaitForAsync(long bytes, TimeSpan silence, CancellationToken cancellation)
    {
        while (true)
        {
            Task news;
            lock (_lock)
            {
                if (Received + (IsClosed ? 1 : 0) >= bytes)
                {
                    return true;
                }

                if (IsClosed)
                {
                    return false;
                }

                news = _news.Task;
            }

            try
            {
                await news.WaitAsync(silence, cancellation);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    /// <summary>Sends bytes. False when the server does not take them in time or has closed.</summary>
    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> bytes, TimeSpan wait, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            while (bytes.Length > 0)
            {
                limit.CancelAfter(wait);
                var count = await _socket.SendAsync(bytes, SocketFlags.None, limit.Token);
                Sent += count;
                bytes = bytes[count..];
            }

            return true;
        }
        catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Ends the stream as the client did. A server that has gone has nothing to be told.</summary>
    public void End(bool reset)
    {
        try
        {
            if (reset)
            {
                _socket.LingerState = new LingerOption(enable: true, seconds: 0);
                _socket.Close();
            }
            else
            {
                _socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (SocketException)
        {
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _receiving;
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (await _socket.ReceiveAsync(buffer, SocketFlags.None) is > 0 and var count)
            {
                Tell(() =>
                {
                    Received += count;
                    if (_output?.Length < MostOutput)
                    {
                        _output.Write(buffer, 0, count);
                    }
                });
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
        }

        Tell(() => IsClosed = true);
    }

    private void Tell(Action change)
    {
        TaskCompletionSource told;
        lock (_lock)
        {
            change();
            told = _news;
            _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        told.SetResult();
    }
}
