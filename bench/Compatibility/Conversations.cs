using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Bench.Labs;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Compatibility;

/// <summary>Connections on which questions are asked one after the other, and every answer is looked at.</summary>
/// <param name="port">The server's port.</param>
/// <param name="connections">How many.</param>
/// <param name="pause">Between an answer and the next question.</param>
/// <param name="script">The questions of a connection, without an end.</param>
public sealed class Conversations(int port, int connections, TimeSpan pause, Func<int, IEnumerable<Exchange>> script) : IClientLoad
{
    private static readonly TimeSpan s_longestAnswer = TimeSpan.FromSeconds(20);

    private enum Ending
    {
        Stopped,
        Lost,
        Wrong,
    }

    /// <summary>Datagrams; a question without an answer is asked again.</summary>
    public bool IsUdp { get; init; }

    /// <summary>What a connection asks when it is the next one of this number.</summary>
    public IEnumerable<Exchange> Begin(int connection) => script(connection);

    /// <inheritdoc/>
    public async Task<LoadResult> RunAsync(BenchLab lab, CancellationToken stop, CancellationToken cancellation)
    {
        var sockets = NetworkNamespace.Run(
            lab.Laboratory.Namespace(LabHost.Client),
            () => Enumerable.Range(0, connections).Select(_ => IsUdp
                ? new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
                : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }).ToList());
        try
        {
            foreach (var socket in sockets)
            {
                await socket.ConnectAsync(IPAddress.Parse(LabAddresses.Vip4), port, cancellation);
            }

            var endings = await Task.WhenAll(sockets.Select((socket, i) => Task.Run(() => TalkAsync(socket, i, stop, cancellation), cancellation)));
            return new LoadResult(connections, endings.Count(static ending => ending == Ending.Lost), endings.Count(static ending => ending == Ending.Wrong));
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    private async Task<Ending> TalkAsync(Socket socket, int connection, CancellationToken stop, CancellationToken cancellation)
    {
        try
        {
            foreach (var exchange in Begin(connection))
            {
                if (stop.IsCancellationRequested)
                {
                    break;
                }

                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                limit.CancelAfter(s_longestAnswer);
                var answer = IsUdp ? await AskAgainAsync(socket, exchange, limit.Token) : await AskAsync(socket, exchange, limit.Token);
                if (answer is null)
                {
                    return Ending.Lost;
                }

                if (!exchange.IsRight(answer))
                {
                    return Ending.Wrong;
                }

                await Task.Delay(pause, cancellation);
            }

            return Ending.Stopped;
        }
        catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return Ending.Lost;
        }
    }

    private static async Task<string?> AskAsync(Socket socket, Exchange exchange, CancellationToken cancellation)
    {
        if (exchange.Question.Length > 0)
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(exchange.Question), cancellation);
        }

        var answer = new StringBuilder();
        var buffer = new byte[64 << 10];
        do
        {
            var length = await socket.ReceiveAsync(buffer, cancellation);
            if (length == 0)
            {
                return null;
            }

            answer.Append(Encoding.Latin1.GetString(buffer, 0, length));
        }
        while (!exchange.IsWhole(answer.ToString()));
        return answer.ToString();
    }

    /// <summary>As a resolver does: datagrams may be lost.</summary>
    private static async Task<string?> AskAgainAsync(Socket socket, Exchange exchange, CancellationToken cancellation)
    {
        while (true)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(TimeSpan.FromMilliseconds(500));
            try
            {
                return await AskAsync(socket, exchange, patience.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // Once more.
            }
        }
    }
}
