using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct replica: one replicated connection at a node. Sequence numbers in host byte order.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Replica
{
    private readonly uint _lock;
    public ReplicaFlags Flags;
    public uint ClientIsn;
    public uint ClientNext;
    public uint ClientAck;
    public uint Sent;
    public uint Received;
    public uint ActiveNext;
    public uint ActiveAck;
    public uint WaitFor;

    /// <summary>Bytes that its server has answered less than the original's: nothing waits for them.</summary>
    public uint ShortBy;
    public ushort ClientWindow;
    public ushort OwnWindow;
    public byte OwnWscale;
    private readonly byte _reserved0;
    private readonly ushort _reserved1;
    private readonly uint _reserved2;
    public ulong OpenedNs;
    public ulong LastNs;

    /// <summary>When the replica first sent FIN or RST, CLOCK_MONOTONIC nanoseconds; 0 before.</summary>
    public ulong ClosedNs;

    /// <summary>Over: reset, or both sides closed and acknowledged.</summary>
    public readonly bool IsOver =>
        (Flags & (ReplicaFlags.ClientRst | ReplicaFlags.OwnRst)) != ReplicaFlags.None
        || ((Flags & (ReplicaFlags.ClientFin | ReplicaFlags.OwnFin)) == (ReplicaFlags.ClientFin | ReplicaFlags.OwnFin)
            && (int)(ClientAck - Sent) >= 0 && (int)(Received - ClientNext) >= 0);

    /// <summary>What a client's segment acknowledges up to here is not waited for (any more).</summary>
    public readonly uint Answered => Sent + ShortBy;

    /// <summary>Bytes that the replica's stack takes beyond <see cref="Received"/>.</summary>
    public readonly uint Window => (uint)OwnWindow << OwnWscale;

    /// <summary>Has the replica produced all that the active node sent, and received all that it acknowledged?</summary>
    public readonly bool IsInStep => (int)(Sent - ActiveNext) >= 0 && (int)(Received - ActiveAck) >= 0;
}
