using System.Globalization;

namespace Appliance.Bench.Report;

/// <summary>Numbers as tables show them.</summary>
public static class Format
{
    /// <summary>What stands for a value that could not be had.</summary>
    public const string Nothing = "–";

    /// <summary>Three significant digits or more, no needless ones, thousands set apart.</summary>
    public static string Number(double? value) => value switch
    {
        null or double.NaN => Nothing,
        0 => "0",
        >= 100 or <= -100 => Text(value.Value, "#,##0"),
        >= 10 or <= -10 => Text(value.Value, "0.#"),
        >= 1 or <= -1 => Text(value.Value, "0.##"),
        _ => Text(value.Value, "0.###"),
    };

    /// <summary>A count.</summary>
    public static string Count(long value) => value.ToString("#,##0", CultureInfo.InvariantCulture);

    /// <summary>Two numbers, of which the second is the worst case.</summary>
    public static string Pair(double? typical, double? worst) => $"{Number(typical)} / {Number(worst)}";

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
