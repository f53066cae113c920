using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Native;
using Appliance.Packets;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>What a record says of the sum of its payload.</summary>
internal enum Owed
{
    /// <summary>Any payload would be intact.</summary>
    Nothing,
    Right,
    Wrong,
}

/// <summary>A record of the ring <c>records</c>; the payload in hexadecimal.</summary>
internal sealed record Recorded(
    RecordKind Kind, FlowKey Key, uint ClientIsn, uint Seq, uint Ack, TcpFlags Flags, uint Active, Owed Owed, string Payload)
{
    /// <summary>From the bytes in the ring; fails when it is not of the last minute.</summary>
    public static Recorded From(ReadOnlySpan<byte> bytes)
    {
        ref readonly var r = ref MemoryMarshal.AsRef<Record>(bytes);
        var age = unchecked((long)(MonotonicClock.Now - r.Ns));
        Assert.IsTrue(age is >= 0 and < 60_000_000_000, $"{age} ns old");
        var payload = bytes.Slice(Record.PayloadOffset, (int)r.Length);
        return new Recorded(r.Kind, r.Key, r.ClientIsn, r.Seq, r.Ack, r.Flags, r.Active, OwedBy(r, payload), Convert.ToHexStringLower(payload));
    }

    /// <summary>The flow that begins with this segment.</summary>
    public static Recorded Open(Ends ends, Packet segment, in Handshake handshake, Assignment assignment) =>
        Of(RecordKind.Open, ends, segment, handshake.ClientIsn, assignment, MemoryMarshal.AsBytes(new ReadOnlySpan<Handshake>(in handshake)));

    /// <summary>This segment of a flow.</summary>
    public static Recorded Data(Ends ends, Packet segment, uint clientIsn, Assignment assignment, Owed owed) =>
        Of(RecordKind.Data, ends, segment, clientIsn, assignment, segment.Content) with { Owed = owed };

    /// <summary>A datagram.</summary>
    public static Recorded Datagram(Ends ends, ReadOnlySpan<byte> payload, uint number, Assignment assignment) => new(
        RecordKind.Datagram, ends.Key, 0, number, 0, TcpFlags.None, (byte)assignment.Word, Owed.Nothing, Convert.ToHexStringLower(payload));

    private static Recorded Of(
        RecordKind kind, Ends ends, Packet segment, uint clientIsn, Assignment assignment, ReadOnlySpan<byte> payload)
    {
        var tcp = segment.ToBytes().AsSpan(segment.TransportOffset);
        return new Recorded(
            kind, ends.Key, clientIsn, BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]), BinaryPrimitives.ReadUInt32BigEndian(tcp[8..]),
            (TcpFlags)tcp[13], (byte)assignment.Word, Owed.Nothing, Convert.ToHexStringLower(payload));
    }

    /// <summary>Two payloads that differ in one byte have not the same sum.</summary>
    private static Owed OwedBy(in Record record, ReadOnlySpan<byte> payload) =>
        record.IsIntact([.. payload, 1]) && record.IsIntact([.. payload, 2]) ? Owed.Nothing : record.IsIntact(payload) ? Owed.Right : Owed.Wrong;
}
