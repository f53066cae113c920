using System.Runtime.InteropServices;

namespace Appliance.Recording;

/// <summary>A held range of a stream that came with one acknowledgement number: from <c>Start</c> up to <c>End</c>.</summary>
[StructLayout(LayoutKind.Sequential, Size = 1 << SizeBits)]
internal struct Piece
{
    public const int SizeBits = 5;

    public long Start;
    public long End;
    public ulong RecordedNs;
    public uint Ack;

    public readonly long Length => End - Start;
}
