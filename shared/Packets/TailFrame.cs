using System.Buffers.Binary;
using Appliance.Bpf.Layout;
using Appliance.Net;

namespace Appliance.Packets;

/// <summary>
/// The end of a replica's output, as a frame for its client: a tail loss probe (RFC 8985 section 7.3). It is what the node's own
/// stack sent in silence, byte for byte, with the acknowledgement, window and timestamp of now.
/// </summary>
public static class TailFrame
{
    /// <summary>Room for any of them.</summary>
    public const int MaxLength = Tail.MaxHeaders + Tail.MaxContent;

    private const int EthernetLength = 14;
    private const int IPv6Length = 40;
    private const int TcpLength = 20;
    private const ulong NanosecondsPerMillisecond = 1_000_000;

    /// <summary>Writes the frame; returns its length, or 0 when the tail is not the end of what the replica has sent.</summary>
    /// <param name="frame">Room for <see cref="MaxLength"/> bytes.</param>
    /// <param name="key">The two ends.</param>
    /// <param name="tail">As the programs keep it.</param>
    /// <param name="r">The replica.</param>
    /// <param name="nowNs">CLOCK_MONOTONIC, nanoseconds.</param>
    public static int Write(Span<byte> frame, in FlowKey key, in Tail tail, in Replica r, ulong nowNs)
    {
        if (tail.ClientIsn != r.ClientIsn || tail.L4 < EthernetLength + TcpLength || tail.HeaderLength < tail.L4 + TcpLength)
        {
            return 0;
        }
        ReadOnlySpan<byte> headers = tail.Headers;
        ReadOnlySpan<byte> content = tail.Content;
        if (tail.HeaderLength > headers.Length || tail.Length > content.Length)
        {
            return 0;
        }
        var hasFin = ((TcpFlags)headers[tail.L4 + 13] & TcpFlags.Fin) != TcpFlags.None;
        if (tail.Seq + tail.Length + (hasFin ? 1u : 0) != r.Sent)
        {
            return 0;
        }
        frame = frame[..(tail.HeaderLength + tail.Length)];
        headers[..tail.HeaderLength].CopyTo(frame);
        content[..tail.Length].CopyTo(frame[tail.HeaderLength..]);
        var ip = frame[EthernetLength..];
        if (key.Client.IsIPv4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
            ip[10..12].Clear();
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.Compute(ip[..((ip[0] & 0xf) * 4)]));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)(ip.Length - IPv6Length));
        }
        var tcp = frame[tail.L4..];
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], tail.Seq);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], r.Received);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], r.OwnWindow);
        tcp[13] = (byte)((TcpFlags)tcp[13] & ~TcpFlags.Urg); // its pointer counted from the segment's own beginning
        tcp[18..20].Clear();
        TcpOptions.Age(tcp, (uint)((nowNs - Math.Min(tail.SentNs, nowNs)) / NanosecondsPerMillisecond));
        TcpChecksum.Fill(tcp, key);
        return frame.Length;
    }
}
