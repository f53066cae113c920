using System.Runtime.InteropServices;

namespace Appliance.Net;

/// <summary>struct inet_diag_msg (linux/inet_diag.h): a TCP socket as the kernel lists it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly struct SocketEntry
{
    /// <summary>AF_INET or AF_INET6.</summary>
    public readonly byte Family;

    /// <summary>TCP state, as in include/net/tcp_states.h.</summary>
    public readonly byte State;

    /// <summary>TCP_LISTEN.</summary>
    public bool IsListener => (SocketDiagnostics.Listening >> State & 1) != 0;

    private readonly byte _timer;
    private readonly byte _retransmissions;

    /// <summary>Its ends.</summary>
    public readonly SocketId Id;

    private readonly uint _expires;

    /// <summary>Bytes that the process has not read; of a listener, the connections that it has not accepted.</summary>
    public readonly uint ReceiveQueue;

    /// <summary>Bytes that the peer has not acknowledged.</summary>
    public readonly uint SendQueue;

    /// <summary>The owner's user id.</summary>
    public readonly uint User;

    /// <summary>What /proc/PID/fd calls it; 0 while no process has it.</summary>
    public readonly uint Inode;
}
