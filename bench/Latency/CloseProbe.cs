using System.Net;
using System.Net.Sockets;
using Appliance.Lab.Faults;
using Appliance.Lab.Namespaces;

namespace Appliance.Bench.Latency;

/// <summary>
/// Opens connections one after the other, exchanges a message, closes its side, and waits for the server's FIN: how long a
/// close takes that two servers have to agree to.
/// </summary>
public static class CloseProbe
{
    private const int MessageBytes = 64;
    private const int Milliseconds = 5_000;

    /// <summary>Measures in a namespace.</summary>
    /// <param name="namespaceName">The client's namespace.</param>
    /// <param name="target">The echo port of the service.</param>
    /// <param name="closes">How many.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>Microseconds from the client's FIN until its stack has the server's, ascending.</returns>
    public static Task<double[]> RunAsync(string namespaceName, IPEndPoint target, int closes, CancellationToken cancellation) => Task.Factory.StartNew(
        () => NetworkNamespace.Run(namespaceName, () =>
        {
            var times = new double[closes];
            var message = new byte[MessageBytes];
            for (var i = 0; i < closes; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                times[i] = CloseOnce(target, message);
            }

            Array.Sort(times);
            return times;
        }),
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private static double CloseOnce(IPEndPoint target, byte[] message)
    {
        using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = Milliseconds };
        socket.Connect(target);
        socket.Send(message);
        for (var received = 0; received < message.Length;)
        {
            var count = socket.Receive(message, received, message.Length - received, SocketFlags.None);
            received += count > 0 ? count : throw new SocketException((int)SocketError.ConnectionReset);
        }

        var start = Monotonic.NowNs;
        socket.Shutdown(SocketShutdown.Send);
        return socket.Receive(message) == 0 ? (Monotonic.NowNs - start) / 1e3 : throw new SocketException((int)SocketError.MessageSize);
    }
}
