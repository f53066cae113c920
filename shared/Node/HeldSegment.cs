using System.Buffers;
using Appliance.Bpf.Layout;

namespace Appliance.Node;

/// <summary>A client segment that waits in user space. Owns a pooled buffer until it is returned.</summary>
public sealed class HeldSegment
{
    private byte[] _buffer;

    /// <summary>Copies a report's frame.</summary>
    public HeldSegment(in Report report, ReadOnlySpan<byte> frame, ulong nowNs)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(frame.Length);
        frame.CopyTo(_buffer);
        Length = frame.Length;
        Kind = report.Kind;
        Release = report.Release;
        L4 = (int)report.L4;
        SinceNs = nowNs;
    }

    /// <summary>Why it waits.</summary>
    public ReportKind Kind { get; }

    /// <summary>For <see cref="ReportKind.HeldCausal"/>: what the replica must have sent.</summary>
    public uint Release { get; }

    /// <summary>Offset of the TCP header.</summary>
    public int L4 { get; }

    /// <summary>Bytes of the frame.</summary>
    public int Length { get; }

    /// <summary>CLOCK_MONOTONIC nanoseconds when it came.</summary>
    public ulong SinceNs { get; }

    /// <summary>The frame, to be altered on its way out.</summary>
    public Span<byte> Frame => _buffer.AsSpan(0, Length);

    /// <summary>Gives the buffer back.</summary>
    public void Return()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
