using System.Net.Sockets;
using System.Text;

namespace Appliance.Host;

/// <summary>Tells systemd how far the program is (sd_notify(3)), when it was started by it.</summary>
public static class ServiceManager
{
    private const string Variable = "NOTIFY_SOCKET";

    /// <summary>The start is complete.</summary>
    public static void Ready() => Tell("READY=1");

    /// <summary>The end has begun.</summary>
    internal static void Stopping() => Tell("STOPPING=1");

    private static void Tell(string state)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path)
        {
            return;
        }
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.SendTo(Encoding.ASCII.GetBytes(state), new UnixDomainSocketEndPoint(path[0] == '@' ? $"\0{path[1..]}" : path));
    }
}
