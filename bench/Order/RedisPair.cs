using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Bench.Labs;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Order;

/// <summary>A Redis on each node, and a connection of the node's own to it.</summary>
public sealed class RedisPair : IDisposable
{
    /// <summary>Where it listens.</summary>
    public const int Port = 6379;

    private readonly IReadOnlyList<Socket> _asides;

    private RedisPair(IReadOnlyList<Socket> asides) => _asides = asides;

    /// <summary>Starts them.</summary>
    public static async Task<RedisPair> StartAsync(BenchLab lab, CancellationToken cancellation)
    {
        var asides = new List<Socket>();
        foreach (var node in LabNames.Nodes)
        {
            string[] command = ["redis-server", "--port", $"{Port}", "--bind", "*", "--protected-mode", "no", "--dir", lab.Laboratory.DataDirectory(node), "--save", ""];
            lab.StartProgram(node, command, lab.Log($"redis-{LabNames.Of(node)}")).Dispose();
            await lab.ListeningAsync(node, Port, cancellation);
            var aside = NetworkNamespace.Run(lab.Laboratory.Namespace(node), static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
            asides.Add(aside);
            await aside.ConnectAsync(IPAddress.Loopback, Port, cancellation);
        }

        return new RedisPair(asides);
    }

    /// <summary>How far the second node's count is behind the first one's.</summary>
    public async Task<long> BehindAsync(CancellationToken cancellation) =>
        await CountAsync(_asides[0], cancellation) - await CountAsync(_asides[1], cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var aside in _asides)
        {
            aside.Dispose();
        }
    }

    private static async Task<long> CountAsync(Socket aside, CancellationToken cancellation)
    {
        var buffer = new byte[64];
        await aside.SendAsync("GET n\r\n"u8.ToArray(), cancellation);
        var length = 0;
        do
        {
            length += await aside.ReceiveAsync(buffer.AsMemory(length), cancellation);
        }
        while (!Encoding.ASCII.GetString(buffer, 0, length).EndsWith("\r\n", StringComparison.Ordinal) || (buffer[1] != (byte)'-' && Lines(buffer, length) < 2));
        var lines = Encoding.ASCII.GetString(buffer, 0, length).Split("\r\n");
        return lines[1].Length == 0 ? 0 : long.Parse(lines[1], CultureInfo.InvariantCulture);
    }

    private static int Lines(byte[] buffer, int length) => buffer.AsSpan(0, length).Count((byte)'\n');
}
