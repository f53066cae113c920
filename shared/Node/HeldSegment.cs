using System.Buffers;
using System.Buffers.Binary;
using Appliance.Bpf.Layout;
using Appliance.Packets;

namespace Appliance.Node;

/// <summary>A client segment that waits in user space. Owns a pooled buffer until it is returned.</summary>
public sealed class HeldSegment
{
    private const int SequenceOffset = 4;
    private const int DataOffset = 12;
    private const int FlagsOffset = 13;
    private const int Network = 14;
    private const int Ipv6Header = 40;
    private const int ShortestFrame = 60;

    private readonly Digest.LastContent _told;
    private readonly uint _toldEnd;
    private readonly int _toldLength;
    private byte[] _buffer;

    /// <summary>Copies a report's frame.</summary>
    public HeldSegment(in Report report, ReadOnlySpan<byte> frame, ulong nowNs)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(frame.Length);
        frame.CopyTo(_buffer);
        Length = frame.Length;
        Key = report.Key;
        Kind = report.Kind;
        Release = report.Release;
        L4 = (int)report.L4;
        SinceNs = nowNs;
        (_told, _toldEnd, _toldLength) = (report.Told, report.ToldEnd, (int)Math.Min(report.ToldLength, Digest.LastBytes));
    }

    private HeldSegment(HeldSegment other)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(other.Length);
        other.Frame.CopyTo(_buffer);
        (Key, Kind, Release, L4, Length, SinceNs) = (other.Key, other.Kind, other.Release, other.L4, other.Length, other.SinceNs);
        (_told, _toldEnd, _toldLength) = (other._told, other._toldEnd, other._toldLength);
    }

    /// <summary>Its connection.</summary>
    public FlowKey Key { get; }

    /// <summary>Why it waits.</summary>
    public ReportKind Kind { get; }

    /// <summary>For <see cref="ReportKind.HeldCausal"/>: what the replica must have sent.</summary>
    public uint Release { get; }

    /// <summary>Offset of the TCP header.</summary>
    public int L4 { get; }

    /// <summary>The TCP header's sequence number, host byte order.</summary>
    public uint Sequence => BinaryPrimitives.ReadUInt32BigEndian(Frame[(L4 + SequenceOffset)..]);

    /// <summary>Sequence number after the last byte; one that has none counts as one.</summary>
    public uint End => Sequence + (uint)Math.Max(1, ContentLength);

    /// <summary>Has it more than headers?</summary>
    public bool HasPayload => ContentLength > 0;

    /// <summary>Has its sender nothing more to send for now (PSH)?</summary>
    public bool IsPushed => (Frame[L4 + FlagsOffset] & (int)TcpFlags.Psh) != 0;

    /// <summary>Bytes of the frame.</summary>
    public int Length { get; }

    /// <summary>CLOCK_MONOTONIC nanoseconds when it came.</summary>
    public ulong SinceNs { get; }

    /// <summary>The frame, to be altered on its way out.</summary>
    public Span<byte> Frame => _buffer.AsSpan(0, Length);

    /// <summary>Had the active node, when this segment came, said something else than a side that speaks now, where the ends of both lie side by side?</summary>
    public bool IsContradicted(in Digest.Side side)
    {
        ReadOnlySpan<byte> told = _told;
        ReadOnlySpan<byte> own = side.Last;
        told = told[.._toldLength];
        own = own[..Math.Min((int)side.LastLength, Digest.LastBytes)];
        var later = (int)(_toldEnd - side.LastEnd);
        if (Math.Abs((long)later) >= Digest.LastBytes)
        {
            return false;
        }
        told = later > 0 ? told[..Math.Max(0, told.Length - later)] : told;
        own = later < 0 ? own[..Math.Max(0, own.Length + later)] : own;
        var both = Math.Min(told.Length, own.Length);
        return !told[^both..].SequenceEqual(own[^both..]);
    }

    /// <summary>Short frames are padded: there the network header says where it ends.</summary>
    private int ContentLength => (Length > ShortestFrame ? Length : Math.Min(Length, NetworkEnd)) - L4 - ((Frame[L4 + DataOffset] >> 4) * 4);

    private int NetworkEnd => (Frame[Network] >> 4) switch
    {
        4 => Network + BinaryPrimitives.ReadUInt16BigEndian(Frame[(Network + 2)..]),
        6 => Network + Ipv6Header + BinaryPrimitives.ReadUInt16BigEndian(Frame[(Network + 4)..]),
        _ => Length,
    };

    /// <summary>With a buffer of its own.</summary>
    public HeldSegment Copy() => new(this);

    /// <summary>Gives the buffer back.</summary>
    public void Return()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
