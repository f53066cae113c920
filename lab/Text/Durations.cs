using System.Globalization;

namespace Appliance.Lab.Text;

/// <summary>Durations as users and configuration files write them: <c>500us</c>, <c>10ms</c>, <c>1.5s</c>, <c>2m</c>.</summary>
public static class Durations
{
    // Longest suffix first: "ms" also ends in "s".
    private static readonly (string Suffix, double Seconds)[] Units =
        [("us", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60)];

    /// <summary>Reads a duration; a number without a unit counts in <paramref name="bareUnit"/> when one is given.</summary>
    public static bool TryParse(string? text, out TimeSpan duration, string? bareUnit = null)
    {
        duration = default;
        text = text?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        if (bareUnit is not null && char.IsAsciiDigit(text[^1]))
        {
            text += bareUnit;
        }

        foreach (var (suffix, seconds) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal))
            {
                continue;
            }

            const NumberStyles Decimal = NumberStyles.AllowDecimalPoint;
            if (!double.TryParse(text.AsSpan(0, text.Length - suffix.Length), Decimal, CultureInfo.InvariantCulture, out var count)
                || !(count * seconds <= TimeSpan.FromDays(1).TotalSeconds))
            {
                return false;
            }

            duration = TimeSpan.FromTicks((long)Math.Round(count * seconds * TimeSpan.TicksPerSecond));
            return true;
        }

        return false;
    }

    /// <summary>Writes a duration with the largest unit that keeps it a whole number.</summary>
    public static string Format(TimeSpan duration)
    {
        var microseconds = (long)Math.Round(duration.TotalMicroseconds);
        return microseconds switch
        {
            _ when microseconds % 1_000_000 == 0 => $"{microseconds / 1_000_000}s",
            _ when microseconds % 1_000 == 0 => $"{microseconds / 1_000}ms",
            _ => $"{microseconds}us",
        };
    }
}
