using System.Globalization;
using System.Text;

namespace Appliance.Bench.Detector;

/// <summary>Draws the trials: one curve per trace through the fixed limits, and a ring where the adaptive one lies.</summary>
public static class DetectorFigure
{
    private const double Width = 720;
    private const double Height = 400;
    private const double Left = 70;
    private const double Right = 230;
    private const double Top = 20;
    private const double Bottom = 50;
    private const double LeastMs = 10;
    private const double MostMs = 250;
    private const double LeastRate = 0.1;
    private const double MostRate = 10_000;
    private static readonly string[] s_colours = ["#1b6ca8", "#c0392b", "#7d3c98", "#1e8449", "#b9770e"];

    /// <summary>An SVG document.</summary>
    public static string Draw(IReadOnlyDictionary<string, Dictionary<string, DetectorTrial>> trials)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12" role="img" aria-label="False suspicions per hour against mean detection time">
            <rect width="{Width}" height="{Height}" fill="white"/>

            """);
        foreach (var ms in (double[])[10, 20, 50, 100, 200])
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{X(ms):0.0} {Top}V{Height - Bottom}\" stroke=\"#ddd\"/><text x=\"{X(ms):0.0}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{ms}</text>\n");
        }

        foreach (var rate in (double[])[0.1, 1, 10, 100, 1000, 10_000])
        {
            var name = rate == LeastRate ? "none" : rate.ToString("#,##0.#", CultureInfo.InvariantCulture);
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {Y(rate):0.0}H{Width - Right}\" stroke=\"#ddd\"/><text x=\"{Left - 8}\" y=\"{Y(rate) + 4:0.0}\" text-anchor=\"end\">{name}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 12}\" text-anchor=\"middle\">mean detection time, ms (limits of 20, 30, 50, 100, 200 ms; ring: 30 to 200 ms)</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate(16 {Height / 2}) rotate(-90)\" text-anchor=\"middle\">false suspicions per hour</text>\n");
        var index = 0;
        foreach (var (trace, byLimit) in trials)
        {
            var colour = s_colours[index % s_colours.Length];
            var points = byLimit.Values.Take(byLimit.Count - 1).Select(t => string.Create(CultureInfo.InvariantCulture, $"{X(t.DetectionMs):0.0},{Y(t.FalsePerHour):0.0}"));
            var adaptive = byLimit.Values.Last();
            svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{string.Join(' ', points)}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(adaptive.DetectionMs):0.0}\" cy=\"{Y(adaptive.FalsePerHour):0.0}\" r=\"6\" fill=\"white\" stroke=\"{colour}\" stroke-width=\"2\"/>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width - Right + 14}\" y=\"{Top + 14 + (20 * index)}\" fill=\"{colour}\">{trace}</text>\n");
            index++;
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static double X(double ms) =>
        Left + ((Width - Left - Right) * Math.Log(Math.Clamp(ms, LeastMs, MostMs) / LeastMs) / Math.Log(MostMs / LeastMs));

    private static double Y(double rate) =>
        Height - Bottom - ((Height - Top - Bottom) * Math.Log(Math.Clamp(rate, LeastRate, MostRate) / LeastRate) / Math.Log(MostRate / LeastRate));
}
