using System.Net;
using System.Net.Sockets;

namespace Appliance.Host;

/// <summary>Sees before anything is attached whether a port can be had: one that is taken must not leave half a program.</summary>
public static class FreePort
{
    /// <summary>Throws when a TCP port cannot be listened on.</summary>
    /// <param name="endPoint">The port.</param>
    /// <param name="written">The setting as it was written.</param>
    /// <exception cref="StartupException">It is taken, or the address is not of this host.</exception>
    public static void Require(IPEndPoint endPoint, string written)
    {
        using var probe = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(endPoint);
        }
        catch (SocketException e)
        {
            throw new StartupException($"listen: {written}: {e.Message}: choose an address of this host and a free port");
        }
    }
}
