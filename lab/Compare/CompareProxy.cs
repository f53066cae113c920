using System.Net;
using System.Net.Sockets;
using Appliance.Lab.Savefiles;

namespace Appliance.Lab.Compare;

/// <summary>
/// Stands between clients and a server: clients talk to the first instance, the second one is told the same, and what it says
/// goes nowhere but into the comparison.
/// </summary>
internal sealed class CompareProxy(IPEndPoint listen, ReplayTarget first, ReplayTarget second, TimeSpan quiet)
{
    private const int MostKept = 64 << 20;

    private readonly List<KeyValuePair<string, Difference>> _differences = [];
    private readonly List<string> _problems = [];
    private int _connections;
    private long _bytes;

    /// <summary>Is told of each connection that has ended, and how far everything is.</summary>
    public Action<ComparisonReport>? Progressed { get; set; }

    /// <summary>Serves clients until it is cancelled.</summary>
    public async Task<ComparisonReport> RunAsync(CancellationToken cancellation)
    {
        using var listener = new TcpListener(listen);
        listener.Start();
        var running = new List<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(cancellation);
                running.RemoveAll(t => t.IsCompleted);
                running.Add(ServeAsync(client, cancellation));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(running);
        }
        return Report();
    }

    private ComparisonReport Report()
    {
        lock (_differences)
        {
            return new ComparisonReport(_connections, _bytes, [.. _differences], [.. _problems]);
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken cancellation)
    {
        var name = client.RemoteEndPoint!.ToString()!;
        try
        {
            using (client)
            using (var one = await ConnectAsync(first, cancellation))
            using (var other = await ConnectAsync(second, cancellation))
            {
                client.NoDelay = true;
                var (ones, others) = (new Kept(), new Kept());
                using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                var replies = PumpAsync(one, [client], ones, end.Token);
                var shadow = PumpAsync(other, [], others, end.Token);
                await PumpAsync(client, [one, other], null, end.Token);
                await Task.WhenAny(Task.WhenAll(replies, shadow), SettleAsync(ones, others, end.Token));
                var difference = DifferenceJudge.Compare(ones.Output, others.Output);
                await end.CancelAsync();
                Note(name, ones.Output.Bytes.Length, difference);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or IOException)
        {
            if (!cancellation.IsCancellationRequested)
            {
                lock (_differences)
                {
                    _problems.Add($"{name}: {e.Message}");
                }
            }
        }
    }

    private void Note(string name, int bytes, Difference? difference)
    {
        lock (_differences)
        {
            _connections++;
            _bytes += bytes;
            if (difference is not null)
            {
                _differences.Add(KeyValuePair.Create(name, difference));
            }
        }
        Progressed?.Invoke(Report());
    }

    /// <summary>The client has ended; what the servers still say is waited for until both are quiet.</summary>
    private async Task SettleAsync(Kept one, Kept other, CancellationToken cancellation)
    {
        for (var said = -1L; said != one.Length + other.Length;)
        {
            said = one.Length + other.Length;
            await Task.Delay(quiet, cancellation);
        }
    }

    private static async Task<Socket> ConnectAsync(ReplayTarget target, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target.Host, target.Port!.Value, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task PumpAsync(Socket from, IReadOnlyList<Socket> to, Kept? kept, CancellationToken cancellation)
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (await from.ReceiveAsync(buffer, cancellation) is > 0 and var count)
            {
                kept?.Add(buffer.AsSpan(0, count));
                foreach (var socket in to)
                {
                    await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
                }
            }
        }
        catch (SocketException)
        {
        }
        kept?.Close();
        foreach (var socket in to)
        {
            try
            {
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
            }
        }
    }

    private sealed class Kept
    {
        private readonly List<byte> _bytes = [];
        private bool _isClosed;

        public long Length
        {
            get
            {
                lock (_bytes)
                {
                    return _bytes.Count;
                }
            }
        }

        public Output Output
        {
            get
            {
                lock (_bytes)
                {
                    return new Output([.. _bytes], _isClosed);
                }
            }
        }

        public void Add(ReadOnlySpan<byte> bytes)
        {
            lock (_bytes)
            {
                if (_bytes.Count < MostKept)
                {
                    _bytes.AddRange(bytes);
                }
            }
        }

        public void Close()
        {
            lock (_bytes)
            {
                _isClosed = true;
            }
        }
    }
}
