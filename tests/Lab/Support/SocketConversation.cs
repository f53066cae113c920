using System.Net.Sockets;
using System.Text;

namespace Appliance.Tests.Lab.Support;

/// <summary>What both ends of a connection do with their sockets: whole messages, with a bound on the wait.</summary>
internal static class SocketConversation
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    /// <summary>Sends all of a text.</summary>
    public static Task TellAsync(this Socket socket, string text) => socket.TellAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>Sends all of a message.</summary>
    public static async Task TellAsync(this Socket socket, ReadOnlyMemory<byte> message)
    {
        using var limit = new CancellationTokenSource(s_limit);
        while (message.Length > 0)
        {
            message = message[await socket.SendAsync(message, limit.Token)..];
        }
    }

    /// <summary>Receives exactly that many bytes, or fewer when the other end closes first.</summary>
    public static async Task<byte[]> HearAsync(this Socket socket, int length)
    {
        using var limit = new CancellationTokenSource(s_limit);
        var message = new byte[length];
        var filled = 0;
        while (filled < length && await socket.ReceiveAsync(message.AsMemory(filled), limit.Token) is > 0 and var received)
        {
            filled += received;
        }

        return message[..filled];
    }

    /// <summary>Receives a text of that length.</summary>
    public static async Task<string> HearTextAsync(this Socket socket, int length) => Encoding.ASCII.GetString(await socket.HearAsync(length));

    /// <summary>Sends a text to a server that echoes, and returns what came back.</summary>
    public static async Task<string> EchoAsync(this Socket socket, string text)
    {
        await socket.TellAsync(text);
        return await socket.HearTextAsync(text.Length);
    }

    /// <summary>Closes with RST instead of FIN.</summary>
    public static void Abort(this Socket socket)
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Close();
    }
}
