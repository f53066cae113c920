using System.Buffers.Binary;
using System.Net;
using Appliance.Bpf.Layout;
using Appliance.Net;

namespace Appliance.Tests.Support;

/// <summary>Messages of neighbour discovery, RFC 4861 sections 4.3 and 4.4.</summary>
internal static class Neighbour
{
    public const byte Solicitation = 135;
    public const byte Advertisement = 136;

    /// <summary>A frame about <paramref name="target"/>, with the sender's link-layer address as its option.</summary>
    public static byte[] Message(byte type, IPAddress source, IPAddress target, MacAddress mac)
    {
        const byte IcmpV6 = 58;
        byte[] from = source.GetAddressBytes();
        byte[] allNodes = IPAddress.Parse("ff02::1").GetAddressBytes();
        byte[] message =
        [
            type, 0, 0, 0, 0x20, 0, 0, 0, .. target.GetAddressBytes(),
            type == Advertisement ? (byte)2 : (byte)1, 1, .. mac.ToArray(),
        ];
        var pseudo = InternetChecksum.AddPseudoHeader(0, from, allNodes, IcmpV6, message.Length);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), InternetChecksum.Fold(InternetChecksum.Add(pseudo, message)));
        return
        [
            0x33, 0x33, 0, 0, 0, 1, .. mac.ToArray(), 0x86, 0xdd,
            0x60, 0, 0, 0, 0, (byte)message.Length, IcmpV6, 255, .. from, .. allNodes, .. message,
        ];
    }
}
