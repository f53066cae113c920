using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct tail: the end of what a silent replica has sent and its client has not acknowledged.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Tail
{
    /// <summary>CLOCK_MONOTONIC nanoseconds.</summary>
    public ulong SentNs;
    public uint ClientIsn;

    /// <summary>Sequence number of the first byte of <see cref="Content"/>, host byte order.</summary>
    public uint Seq;

    /// <summary>Offset of the TCP header in <see cref="Headers"/>.</summary>
    public ushort L4;

    /// <summary>Bytes of <see cref="Headers"/>; 0 while they are written.</summary>
    public ushort HeaderLength;

    /// <summary>Bytes of <see cref="Content"/>.</summary>
    public ushort Length;

    /// <summary>Not 0 when the stack has sent again since.</summary>
    public ushort Repeated;
    public HeaderBytes Headers;
    public ContentBytes Content;

    /// <summary>TAIL_HEADERS.</summary>
    public const int MaxHeaders = 116;

    /// <summary>TAIL_CONTENT.</summary>
    public const int MaxContent = 1460;

    /// <summary>Room for the headers.</summary>
    [InlineArray(MaxHeaders)]
    public struct HeaderBytes
    {
        private byte _first;
    }

    /// <summary>Room for the content.</summary>
    [InlineArray(MaxContent)]
    public struct ContentBytes
    {
        private byte _first;
    }
}
