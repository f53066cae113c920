using System.Globalization;

namespace Appliance.Lab.Text;

/// <summary>Shares as users write them (<c>5%</c>, <c>0.25%</c>, <c>5</c>), counted in hundredths of a percent.</summary>
public static class Percentages
{
    /// <summary>Hundredths of a percent in the whole.</summary>
    public const int Whole = 10_000;

    /// <summary>Reads a share between 0 % and 100 %; the percent sign may be missing.</summary>
    public static bool TryParse(string? text, out int basisPoints)
    {
        basisPoints = 0;
        var number = text.AsSpan().Trim();
        if (number.EndsWith("%"))
        {
            number = number[..^1].TrimEnd();
        }

        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) || percent > 100)
        {
            return false;
        }

        basisPoints = (int)Math.Round(percent * 100);
        return true;
    }

    /// <summary>Writes hundredths of a percent as a percentage.</summary>
    public static string Format(int basisPoints) =>
        (basisPoints / 100m).ToString("0.##", CultureInfo.InvariantCulture) + "%";
}
