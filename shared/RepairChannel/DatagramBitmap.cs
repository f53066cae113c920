using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Appliance.RepairChannel;

/// <summary>1024 bits; on the wire 16 words, big endian. Bit i is bit i mod 64 of word i / 64.</summary>
[InlineArray(Words)]
public struct DatagramBitmap : IEquatable<DatagramBitmap>
{
    /// <summary>How many bits.</summary>
    public const int Bits = 64 * Words;

    private const int Words = 16;

    private ulong _word;

    /// <summary>One bit.</summary>
    public readonly bool IsSet(int bit) => (AsSpan(in this)[bit / 64] & (1UL << (bit % 64))) != 0;

    /// <summary>Sets one bit.</summary>
    public void Set(int bit)
    {
        Span<ulong> words = this;
        words[bit / 64] |= 1UL << (bit % 64);
    }

    /// <summary>Equal by content.</summary>
    public static bool operator ==(DatagramBitmap left, DatagramBitmap right) => left.Equals(right);

    /// <summary>Different by content.</summary>
    public static bool operator !=(DatagramBitmap left, DatagramBitmap right) => !left.Equals(right);

    /// <summary>Writes the words.</summary>
    public readonly void Write(Span<byte> b)
    {
        for (var i = 0; i < Words; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(b[(8 * i)..], AsSpan(in this)[i]);
        }
    }

    /// <summary>Reads the words.</summary>
    public static DatagramBitmap Read(ReadOnlySpan<byte> b)
    {
        var bitmap = default(DatagramBitmap);
        Span<ulong> words = bitmap;
        for (var i = 0; i < Words; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt64BigEndian(b[(8 * i)..]);
        }
        return bitmap;
    }

    /// <inheritdoc/>
    public readonly bool Equals(DatagramBitmap other) => AsSpan(in this).SequenceEqual(AsSpan(in other));

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is DatagramBitmap other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => AsSpan(in this)[0].GetHashCode();

    private static ReadOnlySpan<ulong> AsSpan(in DatagramBitmap bitmap) => bitmap;
}
