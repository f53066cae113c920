using System.Buffers.Binary;
using System.Numerics;

namespace Appliance.Gateway.Recording.Store;

/// <summary>CRC-32C (Castagnoli), as iSCSI and ext4 use it; the processor computes it.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of two spans, one after the other.</summary>
    public static uint Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default) => ~Add(Add(uint.MaxValue, first), second);

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }
        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }
        return crc;
    }
}
