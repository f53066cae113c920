namespace Appliance.Tests.Support.Fuzzing;

/// <summary>Damages valid input as transmission, disks and attackers do.</summary>
internal sealed class Mutator(Random random)
{
    private static readonly byte[] s_extremes = [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff];

    /// <summary>One to four damages, one after the other.</summary>
    /// <param name="valid">What is damaged; stays as it is.</param>
    /// <param name="other">Something that pieces may come from.</param>
    public byte[] Damage(ReadOnlySpan<byte> valid, ReadOnlySpan<byte> other)
    {
        var bytes = valid.ToArray();
        for (var damages = random.Next(1, 5); damages > 0 && bytes.Length > 0; damages--)
        {
            bytes = DamageOnce(bytes, other);
        }

        return bytes;
    }

    private byte[] DamageOnce(byte[] bytes, ReadOnlySpan<byte> other)
    {
        var at = random.Next(bytes.Length);
        switch (random.Next(6))
        {
            case 0: // a flipped bit
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1: // an extreme where a length, a count or an offset may be: one byte, two, four or eight
                bytes.AsSpan(at, Math.Min(1 << random.Next(4), bytes.Length - at)).Fill(s_extremes[random.Next(s_extremes.Length)]);
                return bytes;
            case 2: // cut off
                return bytes[..at];
            case 3: // a piece is missing
                return [.. bytes[..at], .. bytes[random.Next(at, bytes.Length)..]];
            case 4: // a piece comes twice
                return [.. bytes[..random.Next(at, bytes.Length)], .. bytes[at..]];
            default: // a piece of something else
                var from = random.Next(other.Length + 1);
                return [.. bytes[..at], .. other[from..random.Next(from, other.Length + 1)], .. bytes[at..]];
        }
    }
}
