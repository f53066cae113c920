using System.Buffers.Binary;

namespace Appliance.Net;

/// <summary>
/// The ones' complement checksum of IP, TCP, UDP and ICMP (RFC 1071). Sums are running totals to be passed from call to call and
/// ended by <see cref="Fold"/>; 64 bits never overflow on packets.
/// </summary>
/// <remarks>Results are numbers: store them big-endian.</remarks>
public static class InternetChecksum
{
    /// <summary>The checksum of <paramref name="data"/>. Over data that holds its own right checksum it is 0.</summary>
    public static ushort Compute(ReadOnlySpan<byte> data) => Fold(Add(0, data));

    /// <summary>Adds <paramref name="data"/> as 16-bit big-endian words. Only the last piece of a packet may be odd in length.</summary>
    public static ulong Add(ulong sum, ReadOnlySpan<byte> data)
    {
        while (data.Length >= 4)
        {
            sum += BinaryPrimitives.ReadUInt32BigEndian(data); // 2^16 ≡ 1, so two words may be added as one
            data = data[4..];
        }

        if (data.Length >= 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(data);
            data = data[2..];
        }

        return data.IsEmpty ? sum : sum + ((ulong)data[0] << 8);
    }

    /// <summary>
    /// Adds the pseudo header of TCP, UDP or ICMPv6: over 4-byte addresses that of RFC 9293 section 3.1, over 16-byte ones that of
    /// RFC 8200 section 8.1. They add up alike.
    /// </summary>
    /// <param name="sum">Running total.</param>
    /// <param name="source">Source address, network byte order.</param>
    /// <param name="destination">Destination address, network byte order.</param>
    /// <param name="protocol">IP protocol number.</param>
    /// <param name="length">Bytes of the transport header and its data.</param>
    public static ulong AddPseudoHeader(
        ulong sum, ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination, byte protocol, int length) =>
        Add(Add(sum, source), destination) + protocol + (uint)length;

    /// <summary>Folds the carries in and complements: the number to store.</summary>
    public static ushort Fold(ulong sum) => (ushort)~FoldUncomplemented(sum);

    /// <summary>
    /// Folds without complementing: what stands in the checksum field of a segment whose checksum a device is to complete
    /// (CHECKSUM_PARTIAL), over the pseudo header alone.
    /// </summary>
    public static ushort FoldUncomplemented(ulong sum)
    {
        while (sum > ushort.MaxValue)
        {
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        }

        return (ushort)sum;
    }
}
