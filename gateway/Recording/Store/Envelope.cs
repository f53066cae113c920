using System.Buffers.Binary;

namespace Appliance.Gateway.Recording.Store;

/// <summary>What headers and control records share: magic number, version, length, and the CRC-32C in the last four bytes.</summary>
internal static class Envelope
{
    /// <summary>Null when all four are right, else what is wrong and what to do.</summary>
    public static string? Check(ReadOnlySpan<byte> b, uint magic, byte version, int length)
    {
        if (b.Length < 5 || BinaryPrimitives.ReadUInt32BigEndian(b) != magic)
        {
            return "is not the appliance's: choose another recorder.keyPrefix, or delete the key";
        }
        if (b[4] != version)
        {
            return $"has version {b[4]}, this gateway reads version {version}: delete the key, or run the gateway that wrote it";
        }
        return b.Length != length || BinaryPrimitives.ReadUInt32BigEndian(b[^4..]) != Crc32C.Of(b[..^4])
            ? "is damaged: delete the key"
            : null;
    }
}
