using System.Buffers.Binary;

namespace Appliance.Lab.Traffic.Content;

/// <summary>The messages of the echo connections: eight bytes of stamp, then bytes of the pattern that follow from it.</summary>
public static class EchoMessage
{
    /// <summary>The longest message, in bytes.</summary>
    public const int MaxSize = 64 * 1024;

    /// <summary>Fills <paramref name="message"/> with message <paramref name="sequence"/> of a connection.</summary>
    public static void Write(Span<byte> message, TrafficPattern pattern, int connection, long sequence)
    {
        ulong stamp = pattern.Stamp(connection, sequence);
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, stamp);
        int head = Math.Min(message.Length, bytes.Length);
        bytes[..head].CopyTo(message);
        TrafficPattern.Body(stamp, message.Length - head).CopyTo(message[head..]);
    }
}
