using System.Net.Sockets;

namespace Appliance.RepairChannel;

/// <summary>A non-blocking socket with what waits on either side of it; the kernel's errors become the session's end.</summary>
internal sealed class ChannelWire(Socket socket, string peer, int backlogLimit)
{
    /// <summary>What waits to be written.</summary>
    public SendQueue Output { get; } = new(backlogLimit);

    /// <summary>What was read.</summary>
    public ReceiveBuffer Input { get; } = new();

    /// <summary>Reads once into the room that <see cref="Input"/> gave.</summary>
    /// <returns>Bytes read; 0 when none wait.</returns>
    /// <exception cref="ChannelException">The end, or an error.</exception>
    public int Receive(Span<byte> room, bool isReady)
    {
        var count = socket.Receive(room, SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
        {
            return 0;
        }
        ThrowIfError(error);
        if (count == 0)
        {
            throw ChannelMessages.Of(ChannelFault.Closed, peer, isReady);
        }
        Input.Add(count);
        return count;
    }

    /// <summary>Writes what the kernel takes.</summary>
    /// <exception cref="ChannelException">An error.</exception>
    public void Flush()
    {
        while (Output.Count > 0)
        {
            var sent = socket.Send(Output.Front, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
            {
                return;
            }
            ThrowIfError(error);
            Output.Sent(sent);
        }
    }

    private void ThrowIfError(SocketError error)
    {
        if (error != SocketError.Success)
        {
            throw ChannelMessages.Of(error, peer);
        }
    }
}
