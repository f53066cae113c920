using System.Globalization;

namespace Appliance.Configuration;

/// <summary>Amounts of bytes as people write them: a whole number and one of <c>KiB</c>, <c>MiB</c>, <c>GiB</c>, or plain bytes.</summary>
public static class ByteSize
{
    private static readonly (string Unit, long Bytes)[] s_units = [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10)];

    /// <summary>Reads one; false for anything else, also for negative amounts and those of a pebibyte and more.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long bytes)
    {
        bytes = 0;
        var digits = text.IndexOfAnyExcept("0123456789");
        var number = digits < 0 ? text : text[..digits];
        var unit = digits < 0 ? string.Empty : text[digits..].Trim().ToString();
        var factor = unit.Length == 0 ? 1 : s_units.FirstOrDefault(u => u.Unit == unit).Bytes;
        if (factor == 0 || number.Length is 0 or > 15 || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }
        var product = (Int128)count * factor;
        bytes = (long)Int128.Min(product, long.MaxValue);
        return product < 1L << 50;
    }

    /// <summary>Writes one in the largest unit that leaves no fraction.</summary>
    public static string Format(long bytes)
    {
        foreach (var (unit, factor) in s_units)
        {
            if (bytes != 0 && bytes % factor == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / factor}{unit}");
            }
        }
        return bytes.ToString(CultureInfo.InvariantCulture);
    }
}
