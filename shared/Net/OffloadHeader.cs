using System.Runtime.InteropServices;

namespace Appliance.Net;

/// <summary>
/// struct virtio_net_hdr before a frame (include/uapi/linux/virtio_net.h): what is left to the device, which is to fill in the checksum
/// and to cut TCP packets into segments. Host byte order.
/// </summary>
public static class OffloadHeader
{
    /// <summary>Its bytes.</summary>
    public const int Length = 10;

    private const byte NeedsChecksum = 1;
    private const byte NoSegments = 0;
    private const byte TcpV4 = 1;
    private const byte TcpV6 = 4;
    private const byte HasEcn = 0x80;

    /// <summary>Writes that of a TCP packet.</summary>
    /// <param name="header">Its place.</param>
    /// <param name="ipv6">Which IP.</param>
    /// <param name="transport">Offset of the TCP header in the frame.</param>
    /// <param name="payload">Offset of the payload.</param>
    /// <param name="segmentBytes">Bytes of payload of each segment; 0: it is one segment.</param>
    /// <param name="hasCwr">It has the CWR flag, which belongs to its first segment (RFC 3168 section 6.1.2).</param>
    public static void WriteTcp(Span<byte> header, bool ipv6, int transport, int payload, int segmentBytes, bool hasCwr)
    {
        const ushort ChecksumOffset = 16;
        header[0] = NeedsChecksum;
        header[1] = segmentBytes == 0 ? NoSegments : (byte)((ipv6 ? TcpV6 : TcpV4) | (hasCwr ? HasEcn : 0));
        var fields = MemoryMarshal.Cast<byte, ushort>(header[2..Length]);
        (fields[0], fields[1], fields[2], fields[3]) = ((ushort)payload, (ushort)segmentBytes, (ushort)transport, ChecksumOffset);
    }
}
