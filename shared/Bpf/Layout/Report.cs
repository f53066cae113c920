using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct report: the head of what a node's programs tell the repair engine; <see cref="Length"/> frame bytes follow.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly struct Report
{
    public readonly ReportKind Kind;

    /// <summary>
    /// What the replica must have sent (held) or received (reset), or has sent (progress), but for what it is short by; the number after the bytes that
    /// differ (difference), or that the active node has sent (said). Host byte order.
    /// </summary>
    public readonly uint Release;

    /// <summary>Offset of the TCP header in the frame.</summary>
    public readonly uint L4;

    /// <summary>Bytes of the frame; 0 where there is no frame.</summary>
    public readonly uint Length;
    public readonly FlowKey Key;

    /// <summary>Sequence number after <see cref="Told"/>; of what the active node has said, its acknowledgement. Host byte order.</summary>
    public readonly uint ToldEnd;

    /// <summary>Bytes of it; 0 where nothing is known.</summary>
    public readonly uint ToldLength;

    /// <summary>Of a segment that waits for output: the end of what the active node had said when it came.</summary>
    public readonly Digest.LastContent Told;

    /// <summary>Offset of the frame in the record.</summary>
    public const int FrameOffset = 108;
}
