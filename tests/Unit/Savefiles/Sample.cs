using System.Net;
using Appliance.Bpf.Layout;
using Appliance.Savefiles;

namespace Appliance.Tests.Unit.Savefiles;

/// <summary>A flow as the gateway's programs note it, and what is written of it.</summary>
internal static class Sample
{
    public const HandshakeFlags AllOptions = HandshakeFlags.Syn | HandshakeFlags.SynAck
        | HandshakeFlags.ClientWscale | HandshakeFlags.ClientSack | HandshakeFlags.ClientTimestamp
        | HandshakeFlags.ServerWscale | HandshakeFlags.ServerSack | HandshakeFlags.ServerTimestamp;

    public const HandshakeFlags NoOptions = HandshakeFlags.Syn | HandshakeFlags.SynAck;

    /// <summary>2025-01-01 00:00:00 at the clock's zero.</summary>
    public static WallClock Clock { get; } = new(1_735_689_600_000_000_000);

    public static FlowKey V4 { get; } = Flow("10.0.1.2:40000", "10.0.2.100:5432");

    public static FlowKey V6 { get; } = Flow("[fd00:1::2]:40000", "[fd00:2::100]:5432");

    public static FlowKey Flow(string client, string service) => new(IPEndPoint.Parse(client), IPEndPoint.Parse(service));

    public static Handshake Handshake(HandshakeFlags flags = NoOptions, uint clientIsn = 1000, ushort mss = 1460) => new()
    {
        SynackNs = 1_000_000_000,
        ClientIsn = clientIsn,
        ServerIsn = 5000,
        SynackTsval = 77,
        Flags = flags,
        ClientMss = mss,
        ClientWscale = 7,
        ServerWscale = 9,
    };

    /// <summary>A savefile of what <paramref name="write"/> writes.</summary>
    public static byte[] File(Action<FlowFrames> write)
    {
        using var stream = new MemoryStream();
        using var writer = new SavefileWriter(stream, FlowFrames.LinkType);
        write(new FlowFrames(writer, Clock));
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>The packets of a savefile.</summary>
    public static List<(long UnixNs, byte[] Data)> Read(byte[] file)
    {
        using var reader = new SavefileReader(new MemoryStream(file), "sample");
        var packets = new List<(long, byte[])>();
        while (reader.TryRead(out var packet))
        {
            packets.Add((packet.UnixNs, packet.Data.ToArray()));
        }

        return packets;
    }
}
