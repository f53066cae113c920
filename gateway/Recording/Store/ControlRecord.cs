using System.Buffers.Binary;

namespace Appliance.Gateway.Recording.Store;

/// <summary>The value of a control key, version 1: 36 bytes, big endian, closed by a CRC-32C.</summary>
internal readonly record struct ControlRecord(long Sequence, SavedControl Control)
{
    /// <summary>Bytes of every record.</summary>
    public const int Length = 36;

    private const uint Magic = 0x4150_4C43; // "APLC"
    private const byte Version = 1;

    /// <summary>Writes it.</summary>
    public byte[] ToBytes()
    {
        var b = new byte[Length];
        BinaryPrimitives.WriteUInt32BigEndian(b, Magic);
        b[4] = Version;
        b[5] = (byte)Control.Active;
        b[6] = Control.Replicas;
        b[7] = Control.Drained;
        BinaryPrimitives.WriteUInt64BigEndian(b.AsSpan(8), Control.EpochCeiling);
        BinaryPrimitives.WriteUInt64BigEndian(b.AsSpan(16), Control.Epoch);
        BinaryPrimitives.WriteInt64BigEndian(b.AsSpan(24), Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(b.AsSpan(32), Crc32C.Of(b.AsSpan(0, 32)));
        return b;
    }

    /// <summary>Reads one; null when it can be used, else what is wrong.</summary>
    public static string? TryRead(ReadOnlySpan<byte> b, out ControlRecord record)
    {
        record = default;
        if (Envelope.Check(b, Magic, Version, Length) is { } problem)
        {
            return problem;
        }
        record = new ControlRecord(
            BinaryPrimitives.ReadInt64BigEndian(b[24..]),
            new SavedControl(BinaryPrimitives.ReadUInt64BigEndian(b[8..]), BinaryPrimitives.ReadUInt64BigEndian(b[16..]), (sbyte)b[5], b[6], b[7]));
        return null;
    }
}
