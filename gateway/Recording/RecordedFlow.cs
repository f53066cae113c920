using Appliance.Bpf.Layout;
using Appliance.Recording;

namespace Appliance.Gateway.Recording;

/// <summary>A connection, what is held of its client's bytes, and what each node has of it.</summary>
/// <param name="origin">Index of the node whose server accepted it, or -1: that one needs no replica.</param>
public sealed class RecordedFlow(FlowKey key, Handshake handshake, FlowWindow window, int origin, ulong openedNs, int nodes)
{
    /// <summary>Both ends.</summary>
    public FlowKey Key => key;

    /// <summary>What the SYN and the SYN-ACK agreed upon.</summary>
    public Handshake Handshake => handshake;

    /// <summary>Tells incarnations of the same ends apart.</summary>
    public uint ClientIsn => handshake.ClientIsn;

    /// <summary>The client's bytes.</summary>
    public FlowWindow Window => window;

    /// <summary>When the handshake was complete, CLOCK_MONOTONIC nanoseconds.</summary>
    public ulong OpenedNs => openedNs;

    /// <summary>Index of the node whose own stack has the connection; -1 when that node lost the service.</summary>
    public int Origin { get; set; } = origin;

    /// <summary>Per node.</summary>
    public ReplicaShare[] Shares { get; } = new ReplicaShare[nodes];

    /// <summary>
    /// Offset where its stream stood when this process found it open; null for a flow of which it is known what is held and
    /// what is not.
    /// </summary>
    public long? FoundAt { get; set; }

    /// <summary>An earlier process saw its beginning.</summary>
    public bool IsAdopted { get; set; }

    /// <summary>Index of its service; null while nobody has looked, beyond the last when it has none any more.</summary>
    public int? Service { get; set; }

    /// <summary>Its window is gone.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>The desk looks after replicas that it should have.</summary>
    public bool IsUnsettled { get; set; }

    /// <summary>Mask of the nodes of which the programs were told that replicas are being made there.</summary>
    public uint Making { get; set; }

    /// <summary>The active node was offered its own connection, so that it can bear a client that hears others, too.</summary>
    public bool IsShared { get; set; }

    /// <summary>Offers of that kind which came to nothing.</summary>
    public int Unshared { get; set; }

    /// <summary>Mask of the nodes that the client hears besides the active one; null until it has heard any.</summary>
    public uint? Voices { get; set; }

    /// <summary>The programs were told to begin, and merge what its nodes say.</summary>
    public bool IsMerging { get; set; }

    /// <summary>What of their output passes; null until the programs were told.</summary>
    public VoiceMode? Mode { get; set; }

    /// <summary>Index of the active node then.</summary>
    public int VoicedUnder { get; set; } = -1;

    /// <summary>Its nodes have waited for one another for too long: the active node is heard alone until the others have caught up.</summary>
    public bool IsLate { get; set; }

    /// <summary>What the active node had said at the last look, as a sequence number; null without one since they were late.</summary>
    public uint? LateFrom { get; set; }

    /// <summary>Its nodes have contradicted one another where they had to agree.</summary>
    public bool IsContested { get; set; }

    /// <summary>Mask of the nodes that were told that the client hears several.</summary>
    public uint ToldHot { get; set; }

    /// <summary>Its client was given what contradicts the active node, which is still to be told to end it.</summary>
    public bool IsContradicted { get; set; }

    /// <summary>Mask of the nodes that may have forgotten what they were told.</summary>
    public uint Untold { get; set; }

    /// <summary>When it ended, CLOCK_MONOTONIC nanoseconds; 0 while it is open.</summary>
    public ulong ClosedNs { get; set; }

    /// <summary>What the programs' table said of it when it ended; null while it is open, and where that is not known.</summary>
    public Flow? Last { get; set; }

    /// <summary>Since when, after its end, every replica that can follow has all of it; CLOCK_MONOTONIC nanoseconds, 0 before.</summary>
    public ulong ServedNs { get; set; }

    /// <summary>The nodes that still have a replica were told that it is over.</summary>
    public bool IsEndTold { get; set; }

    /// <summary>The store knows its handshake.</summary>
    public bool IsStored { get; set; }

    /// <summary>Up to where the store was told that nothing is needed any more.</summary>
    public long StoreReleased { get; set; }

    /// <summary>Up to where something was written to the store.</summary>
    public long StoreEnd { get; set; }

    /// <summary>From where on the store has not been written, as an offset; null when it has what it is to have.</summary>
    public long? UnwrittenFrom { get; set; }

    /// <summary>Everything of that lies at this position of the record ring or beyond.</summary>
    public ulong UnwrittenAt { get; set; }

    /// <summary>Since when, CLOCK_MONOTONIC nanoseconds.</summary>
    public ulong UnwrittenSinceNs { get; set; }

    /// <summary>The client's window ends here while a replica lags.</summary>
    public uint? Limit { get; set; }

    /// <summary>How far the replicas were when that was decided, as an offset.</summary>
    public long LimitReached { get; set; }

    /// <summary>And when that was, CLOCK_MONOTONIC nanoseconds.</summary>
    public ulong LimitedNs { get; set; }

    /// <summary>Every byte from the first on is held, or still to be read from the ring: a new replica could be made.</summary>
    public bool IsComplete => FoundAt is null && Window.Start == 0;
}
