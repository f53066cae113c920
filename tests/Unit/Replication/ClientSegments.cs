using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;
using Appliance.Node;
using Appliance.Packets;

namespace Appliance.Tests.Unit.Replication;

/// <summary>Segments of clients that wait for their turn. Connections are named by letters; requests have 10 bytes.</summary>
internal static class ClientSegments
{
    /// <summary>Bytes of a frame.</summary>
    public const int Length = L4 + Header + Payload;

    private const int L4 = 34;
    private const int Header = 32;
    private const int Payload = 10;

    /// <summary>A connection's ends.</summary>
    public static FlowKey Key(char connection) => new(new IPEndPoint(IPAddress.Parse("10.0.1.2"), connection), IPEndPoint.Parse("10.0.2.100:6379"));

    /// <summary>A request, as it is reported.</summary>
    public static HeldSegment Held(char connection, uint sequence, uint acknowledges, ulong nowNs, bool isPushed = true)
    {
        Span<byte> record = stackalloc byte[Report.FrameOffset];
        record.Clear();
        var words = MemoryMarshal.Cast<byte, uint>(record);
        (words[0], words[1], words[2], words[3]) = ((uint)ReportKind.HeldOrdered, acknowledges, L4, Length);
        MemoryMarshal.Write(record[16..], Key(connection));
        Span<byte> frame = stackalloc byte[Length];
        frame.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(frame[(L4 + 4)..], sequence);
        frame[L4 + 12] = Header / 4 << 4;
        frame[L4 + 13] = (byte)(TcpFlags.Ack | (isPushed ? TcpFlags.Psh : TcpFlags.None));
        return new HeldSegment(MemoryMarshal.Read<Report>(record), frame, nowNs);
    }
}
