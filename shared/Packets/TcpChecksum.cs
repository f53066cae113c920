using System.Buffers.Binary;
using Appliance.Bpf.Layout;
using Appliance.Net;

namespace Appliance.Packets;

/// <summary>The checksum of TCP segments that leave the host, RFC 9293 section 3.1.</summary>
public static class TcpChecksum
{
    private const byte ProtocolTcp = 6;

    /// <summary>Fills it in. The pseudo header comes to the same in both directions.</summary>
    /// <param name="tcp">The segment from its TCP header on.</param>
    /// <param name="key">The two ends.</param>
    public static void Fill(Span<byte> tcp, in FlowKey key)
    {
        Span<byte> client = stackalloc byte[16];
        Span<byte> service = stackalloc byte[16];
        key.Client.CopyTo(client);
        key.Service.CopyTo(service);
        var skip = key.Client.IsIPv4 ? 12 : 0;
        tcp.Slice(ClientFrame.TcpChecksumOffset, 2).Clear();
        var sum = InternetChecksum.AddPseudoHeader(InternetChecksum.Add(0, tcp), client[skip..], service[skip..], ProtocolTcp, tcp.Length);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[ClientFrame.TcpChecksumOffset..], InternetChecksum.Fold(sum));
    }
}
