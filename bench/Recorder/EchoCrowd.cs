using System.Net;
using System.Net.Sockets;
using Appliance.Bench.Labs;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Server;

namespace Appliance.Bench.Recorder;

/// <summary>Connections to the echoing server that this program holds open itself, to be silent in between.</summary>
public sealed class EchoCrowd : IDisposable
{
    private const int AtOnce = 100;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<Socket> _sockets;

    private EchoCrowd(IReadOnlyList<Socket> sockets) => _sockets = sockets;

    /// <summary>Opens connections.</summary>
    public static async Task<EchoCrowd> OpenAsync(BenchLab lab, int count, CancellationToken cancellation)
    {
        var sockets = NetworkNamespace.Run(
            lab.Laboratory.Namespace(LabHost.Client),
            () => Enumerable.Range(0, count).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }).ToList());
        var service = new IPEndPoint(IPAddress.Parse(LabAddresses.Vip4), TrafficServerOptions.DefaultEchoPort);
        await Parallel.ForEachAsync(sockets, Options(cancellation), async (socket, token) => await socket.ConnectAsync(service, token));
        return new EchoCrowd(sockets);
    }

    /// <summary>Sends that many bytes on every connection and reads them back; the result is how many connections did not give them back.</summary>
    public async Task<int> TalkAsync(int bytes, CancellationToken cancellation)
    {
        var failures = 0;
        await Parallel.ForEachAsync(_sockets, Options(cancellation), async (socket, token) =>
        {
            if (!await EchoAsync(socket, bytes, token))
            {
                Interlocked.Increment(ref failures);
            }
        });
        return failures;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private static ParallelOptions Options(CancellationToken cancellation) =>
        new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };

    private static async Task<bool> EchoAsync(Socket socket, int bytes, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_limit);
        try
        {
            var message = Enumerable.Range(0, bytes).Select(i => (byte)((i * 2_654_435_761L) >> 13)).ToArray();
            var answer = new byte[bytes];
            var sending = SendAsync(socket, message, limit.Token);
            for (var at = 0; at < bytes;)
            {
                var length = await socket.ReceiveAsync(answer.AsMemory(at), limit.Token);
                if (length == 0)
                {
                    return false;
                }

                at += length;
            }

            await sending;
            return answer.AsSpan().SequenceEqual(message);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        while (message.Length > 0)
        {
            message = message[await socket.SendAsync(message, cancellation)..];
        }
    }
}
