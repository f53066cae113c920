using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Appliance.Lab.Traffic.Content;

/// <summary>
/// An endless deterministic byte stream chosen by a seed, readable at any position without computing or copying.
/// All streams read one pseudo-random block of 256 KiB; block n of a stream is that block rotated by a distance hashed
/// from seed and n. The distances of any 2^18 neighbouring blocks are all different, so bytes displaced by whole blocks
/// (within 64 GiB) always compare unequal, and bytes displaced otherwise meet random bytes.
/// </summary>
/// <param name="seed">Chooses the stream.</param>
public readonly struct TrafficPattern(ulong seed) : IEquatable<TrafficPattern>
{
    /// <summary>Bytes per block, and the longest slice.</summary>
    public const int BlockSize = 1 << BlockBits;

    private const int BlockBits = 18;
    private const uint Mask = BlockSize - 1;

    /// <summary>The block twice in a row, so that every rotation of it is contiguous.</summary>
    private static readonly byte[] s_twice = CreateBlock();

    private readonly ulong _key = Mix(seed + 0x9E3779B97F4A7C15);

    /// <summary>The bytes from <paramref name="position"/> on: at least one, ending at the block's end at the latest.</summary>
    public ReadOnlySpan<byte> Slice(long position, int maxLength)
    {
        int offset = (int)(position & Mask);
        int length = Math.Min(maxLength, BlockSize - offset);
        return s_twice.AsSpan((int)Rotation(position >> BlockBits) + offset, length);
    }

    /// <summary>The SHA-256 of the first <paramref name="bytes"/> bytes, in lower-case hexadecimal digits.</summary>
    public string Sha256(long bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long position = 0; position < bytes;)
        {
            ReadOnlySpan<byte> slice = Slice(position, (int)Math.Min(bytes - position, BlockSize));
            hash.AppendData(slice);
            position += slice.Length;
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <inheritdoc/>
    public bool Equals(TrafficPattern other) => _key == other._key;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TrafficPattern other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _key.GetHashCode();

    /// <summary>Whether both are the same stream.</summary>
    public static bool operator ==(TrafficPattern left, TrafficPattern right) => left.Equals(right);

    /// <summary>Whether the streams differ.</summary>
    public static bool operator !=(TrafficPattern left, TrafficPattern right) => !left.Equals(right);

    /// <summary>The stamp of message <paramref name="sequence"/> of a connection: different for neighbours in its lowest byte.</summary>
    internal ulong Stamp(int connection, long sequence) => (((ulong)(uint)connection << 40) + (ulong)sequence) ^ _key;

    /// <summary>Bytes that depend on <paramref name="stamp"/>, at most a block.</summary>
    internal static ReadOnlySpan<byte> Body(ulong stamp, int length) => s_twice.AsSpan((int)(Mix(stamp) & Mask), length);

    private static byte[] CreateBlock()
    {
        byte[] twice = GC.AllocateUninitializedArray<byte>(2 * BlockSize, pinned: true);
        ulong state = 0x0123456789ABCDEF;
        for (int offset = 0; offset < BlockSize; offset += sizeof(ulong))
        {
            state += 0x9E3779B97F4A7C15;
            BinaryPrimitives.WriteUInt64LittleEndian(twice.AsSpan(offset), Mix(state));
        }

        twice.AsSpan(0, BlockSize).CopyTo(twice.AsSpan(BlockSize));
        return twice;
    }

    /// <summary>The finaliser of SplitMix64, a bijection.</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>A bijection of the low 18 bits of <paramref name="block"/>: each step is one.</summary>
    private uint Rotation(long block)
    {
        ulong key = _key ^ ((ulong)block >> BlockBits);
        uint value = ((uint)block + (uint)key) & Mask;
        value = (value * 0x2C1B3C6D) & Mask;
        value ^= value >> 9;
        value ^= (uint)(key >> 40) & Mask;
        value = (value * 0x297A2D39) & Mask;
        return value ^ (value >> 7);
    }
}
