using System.Net;
using System.Net.Sockets;
using Appliance.Lab;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;

namespace Appliance.Tests.Lab;

/// <summary>Whether one host reaches another: a closed port that refuses is an answer, too.</summary>
internal static class Reachability
{
    private const int ClosedPort = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);

    /// <summary>Whether <paramref name="from"/> gets an answer from an address.</summary>
    public static bool Reaches(this Laboratory lab, LabHost from, string address)
    {
        var target = IPAddress.Parse(address);
        return NetworkNamespace.Run(lab.Namespace(from), () =>
        {
            using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            using var limit = new CancellationTokenSource(Patience);
            try
            {
                socket.ConnectAsync(new IPEndPoint(target, ClosedPort), limit.Token).AsTask().GetAwaiter().GetResult();
                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
            catch (SocketException exception)
            {
                return exception.SocketErrorCode == SocketError.ConnectionRefused;
            }
        });
    }
}
