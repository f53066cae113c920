using Appliance.Bpf.Layout;
using Appliance.Packets;

namespace Appliance.Lab.Savefiles;

/// <summary>A TCP segment as a savefile holds it.</summary>
/// <param name="Direction">Sender (as the client's end) and receiver.</param>
/// <param name="TimeNs">Nanoseconds since 1970.</param>
/// <param name="Seq">Sequence number, host byte order.</param>
/// <param name="Ack">Acknowledgement number; 0 without the flag.</param>
/// <param name="Flags">Flags.</param>
/// <param name="Payload">The payload that was captured.</param>
/// <param name="Length">The payload's length on the wire.</param>
public sealed record CapturedSegment(FlowKey Direction, long TimeNs, uint Seq, uint Ack, TcpFlags Flags, byte[] Payload, int Length)
{
    /// <summary>Does it carry this flag?</summary>
    public bool Has(TcpFlags flag) => (Flags & flag) != TcpFlags.None;
}
