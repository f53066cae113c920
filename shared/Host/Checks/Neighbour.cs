using System.Net;
using System.Net.Sockets;

namespace Appliance.Host.Checks;

/// <summary>Asks another machine whether it is there.</summary>
public static class Neighbour
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Connects to a port of it; a refusal is an answer of the machine, too.</summary>
    /// <returns>True: something listens there. False: the machine refuses. Null: nobody answers.</returns>
    public static async Task<bool?> AskAsync(EndPoint endPoint, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_patience);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint, limit.Token);
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused ? false : null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
