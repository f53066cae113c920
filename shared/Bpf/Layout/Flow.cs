using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct flow: a connection as the gateway sees it. Sequence numbers in host byte order.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Flow
{
    public Handshake Handshake;
    public ulong OpenedNs;
    public ulong LastNs;
    public ulong ClientBytes;
    public ulong ServerBytes;
    public uint ClientNext;
    public uint ClientAck;
    public uint ServerNext;
    public uint ServerAck;
    public FlowFlags Flags;

    /// <summary>Right edge of the widest window that the client was shown.</summary>
    public uint Edge;

    /// <summary>Since when a close of <see cref="HeldBy"/> is held, CLOCK_MONOTONIC nanoseconds; means something while <see cref="IsHeldBy"/>.</summary>
    public ulong HeldNs;

    /// <summary>Sequence number after the FIN that is held.</summary>
    public uint HeldEnd;

    /// <summary>Index of the node whose close is held.</summary>
    public uint HeldBy;

    /// <summary>Does a close by the node, which has held the service since <paramref name="turnedNs"/>, wait for its replica's?</summary>
    public readonly bool IsHeldBy(int node, ulong turnedNs) =>
        (Flags & (FlowFlags.HeldFin | FlowFlags.HeldRst)) != FlowFlags.None && HeldBy == node && HeldNs > turnedNs;

    /// <summary>Over: reset, or both sides closed and acknowledged.</summary>
    public readonly bool IsOver =>
        (Flags & (FlowFlags.ClientRst | FlowFlags.ServerRst)) != FlowFlags.None
        || ((Flags & (FlowFlags.ClientFin | FlowFlags.ServerFin)) == (FlowFlags.ClientFin | FlowFlags.ServerFin)
            && ClientAck == ServerNext && ServerAck == ClientNext);
}
