using System.Globalization;

namespace Appliance.Configuration;

/// <summary>Durations as people write them: a number and one of <c>us</c>, <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c>, <c>d</c>.</summary>
public static class Durations
{
    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("us", TimeSpan.TicksPerMicrosecond),
        ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
        ("d", TimeSpan.TicksPerDay),
    ];

    /// <summary>Reads one; false for anything else, also for negative and absurdly long ones (over 30 days).</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        var digits = text.IndexOfAnyExcept("0123456789.");
        if (digits <= 0)
        {
            return false;
        }
        var unit = text[digits..].Trim();
        foreach (var (name, ticks) in Units)
        {
            if (unit.SequenceEqual(name)
                && double.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number * ticks <= TimeSpan.TicksPerDay * 30.0)
            {
                duration = TimeSpan.FromTicks((long)Math.Round(number * ticks));
                return true;
            }
        }
        return false;
    }

    /// <summary>Writes one in the largest unit that leaves no fraction.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }
        var (unit, ticks) = Units.Last(u => duration.Ticks % u.Ticks == 0 || u.Unit == "us");
        return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / (double)ticks}{unit}");
    }
}
