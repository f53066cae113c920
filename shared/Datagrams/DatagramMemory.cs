using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Appliance.Datagrams;

/// <summary>The memory of all windows of datagrams: buffers from the shared pool, bounded in total. Not thread-safe.</summary>
/// <param name="maxBytes">The bound, in bytes of buffers; they are a little longer than what they hold.</param>
public sealed class DatagramMemory(long maxBytes)
{
    /// <summary>The bound.</summary>
    public long MaxBytes { get; } = maxBytes >= 0 ? maxBytes : throw new ArgumentOutOfRangeException(nameof(maxBytes));

    /// <summary>Bytes of the buffers that are out.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>A copy of <paramref name="payload"/>, in a buffer that may be longer; false beyond the bound.</summary>
    internal bool TryCopy(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out byte[]? buffer)
    {
        buffer = payload.IsEmpty ? [] : ArrayPool<byte>.Shared.Rent(payload.Length);
        if (UsedBytes + buffer.Length > MaxBytes)
        {
            GiveBack(buffer);
            buffer = null;
            return false;
        }
        UsedBytes += buffer.Length;
        payload.CopyTo(buffer);
        return true;
    }

    /// <summary>Takes a buffer back, which its user must not touch again.</summary>
    internal void Return(byte[] buffer)
    {
        UsedBytes -= buffer.Length;
        GiveBack(buffer);
    }

    private static void GiveBack(byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
