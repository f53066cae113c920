using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct datagram_said: a datagram that a replica or the active node has said; its first bytes follow.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct DatagramSaid
{
    /// <summary>Of payload and length: equal datagrams have equal sums.</summary>
    public ulong Sum;

    /// <summary>Both ends.</summary>
    public FlowKey Key;

    /// <summary>Number of the client's last datagram before it, as far as the node knew; counted as <see cref="DatagramFlow.Highest"/>.</summary>
    public uint Number;

    /// <summary>Number of the client's first datagram, as far as the node knew.</summary>
    public uint First;

    /// <summary>Bytes of the payload, of which at most <see cref="KeptBytes"/> follow.</summary>
    public uint Length;

    /// <summary>1: of the node's own replica; 0: of the active node.</summary>
    public uint IsOwn;

    /// <summary>Offset of the first bytes in the record.</summary>
    public const int KeptOffset = 60;

    /// <summary>SAID_KEPT.</summary>
    public const int KeptBytes = 196;
}
