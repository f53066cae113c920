using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;

namespace Appliance.RepairChannel;

/// <summary>Node to gateway: does a replica answer a client's datagrams as the active node does?</summary>
/// <param name="Flow">The two ends.</param>
/// <param name="Differs">It has said something else, and they have not agreed for long since.</param>
public readonly record struct DatagramStandingEntry(FlowKey Flow, bool Differs) : IFrameEntry<DatagramStandingEntry>
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 40;

    private const int FlagsAt = 36;
    private const byte DiffersFlag = 1;

    static int IFrameEntry<DatagramStandingEntry>.Size => Length;

    /// <inheritdoc/>
    public void Write(Span<byte> b)
    {
        MemoryMarshal.Write(b, Flow);
        b[FlagsAt..Length].Clear();
        b[FlagsAt] = Differs ? DiffersFlag : (byte)0;
    }

    /// <inheritdoc/>
    public static DatagramStandingEntry Read(ReadOnlySpan<byte> b) => new(MemoryMarshal.Read<FlowKey>(b), (b[FlagsAt] & DiffersFlag) != 0);
}
