using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Appliance.Lab.Faults;
using Appliance.Lab.Namespaces;

namespace Appliance.Bench.Baseline;

/// <summary>Opens a new connection every 5 ms from a namespace, sends a message over it, waits for the echo, and closes it.</summary>
public sealed class ConnectionProbe : IDisposable
{
    private const int MessageBytes = 64;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_attemptTime = TimeSpan.FromSeconds(8);

    private readonly string _namespace;
    private readonly IPEndPoint _target;
    private readonly ConcurrentBag<ProbeAttempt> _attempts = [];
    private readonly ConcurrentBag<Task> _running = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <summary>Starts.</summary>
    /// <param name="namespaceName">The client's namespace.</param>
    /// <param name="target">The echo port of the service.</param>
    public ConnectionProbe(string namespaceName, IPEndPoint target)
    {
        _namespace = namespaceName;
        _target = target;
        _loop = Task.Factory.StartNew(Loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Stops and waits for the attempts under way, each to its own end.</summary>
    public async Task<IReadOnlyCollection<ProbeAttempt>> StopAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await Task.WhenAll(_running);
        return _attempts;
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    /// <summary>A socket belongs to the namespace that its thread was in when it was made; who uses it does not matter.</summary>
    private void Loop() => NetworkNamespace.Run(_namespace, () =>
    {
        while (!_stop.Token.WaitHandle.WaitOne(s_interval))
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            _running.Add(AttemptAsync(socket));
        }

        return true;
    });

    private async Task AttemptAsync(Socket socket)
    {
        var start = Monotonic.NowNs;
        using var limit = new CancellationTokenSource(s_attemptTime);
        try
        {
            using (socket)
            {
                await socket.ConnectAsync(_target, limit.Token);
                var message = new byte[MessageBytes];
                await socket.SendAsync(message, SocketFlags.None, limit.Token);
                var received = 0;
                while (received < MessageBytes)
                {
                    var count = await socket.ReceiveAsync(message.AsMemory(received), SocketFlags.None, limit.Token);
                    received = count > 0 ? received + count : throw new SocketException((int)SocketError.ConnectionReset);
                }

                _attempts.Add(new ProbeAttempt(start, Monotonic.NowNs));
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            _attempts.Add(new ProbeAttempt(start, null));
        }
    }
}
