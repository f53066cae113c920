using System.Globalization;
using System.Text;
using Appliance.Bench.Report;

namespace Appliance.Bench.Compare;

/// <summary>Draws a comparison; waits are on a logarithmic scale, since they span four orders of magnitude.</summary>
public static class CompareFigures
{
    private const double Width = 760;
    private const double Height = 380;
    private const double Left = 70;
    private const double Right = 190;
    private const double Top = 30;
    private const double Bottom = 50;
    private const double LeastMs = 1;
    private const double MostMs = 10_000;

    /// <summary>Failures for which somebody has an answer.</summary>
    private static readonly Failure[] s_failures = [Failure.None, Failure.Crash, Failure.Hang, Failure.Kill, Failure.Planned];

    /// <summary>By failure and product: the worst gap as a bar, or a cross where all connections are lost.</summary>
    public static string Gaps(IReadOnlyList<FailureRun> runs)
    {
        var svg = Begin("Worst wait by failure and product");
        var group = (Width - Left - Right) / s_failures.Length;
        var bar = group / (Products.All.Count + 1);
        for (var i = 0; i < s_failures.Length; i++)
        {
            var left = Left + (group * i);
            Text(svg, left + (group / 2), Height - Bottom + 20, "middle", CompareSummary.NameOf(s_failures[i]));
            foreach (var product in Products.All)
            {
                var x = left + (bar * ((int)product + 0.5));
                var of = runs.Where(run => run.Failure == s_failures[i] && run.Product == product).ToList();
                if (CompareSummary.GapOf(of) is { } gap && of.TrueForAll(run => run.Lost < run.Connections))
                {
                    svg.Append(CultureInfo.InvariantCulture,
                        $"<rect x=\"{x:0.0}\" y=\"{Y(gap):0.0}\" width=\"{bar - 2:0.0}\" height=\"{Height - Bottom - Y(gap):0.0}\" fill=\"{Colour(product)}\"><title>{Products.NameOf(product)}: {Format.Number(gap)} ms</title></rect>\n");
                }
                else if (of.Count > 0)
                {
                    var y = Height - Bottom - bar;
                    svg.Append(CultureInfo.InvariantCulture,
                        $"<path d=\"M{x:0.0} {y:0.0}l{bar - 3:0.0} {bar - 3:0.0}m0 {3 - bar:0.0}l{3 - bar:0.0} {bar - 3:0.0}\" stroke=\"{Colour(product)}\" stroke-width=\"2.5\"><title>{Products.NameOf(product)}: all connections lost</title></path>\n");
                }
            }
        }

        Legend(svg, Products.All);
        Text(svg, Width - Right + 14, Top + 20 + (20 * Products.All.Count) + 8, "start", "✕ all connections lost");
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>The worst gap against the number of connections, one curve per product.</summary>
    public static string Sizes(IReadOnlyList<FailureRun> runs)
    {
        var svg = Begin("Worst wait after the death of a machine, by number of connections");
        var sizes = CompareSummary.SizesOf(runs).ToList();
        var products = runs.Select(run => run.Product).Distinct().ToList();
        for (var i = 0; i < sizes.Count; i++)
        {
            Text(svg, X(i), Height - Bottom + 20, "middle", Format.Count(sizes[i]));
        }

        foreach (var product in products)
        {
            var points = sizes
                .Select((size, i) => (X: X(i), Gap: CompareSummary.GapOf(runs.Where(run => run.Product == product && run.Connections == size))))
                .Where(point => point.Gap is not null)
                .Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.0},{Y(point.Gap!.Value):0.0}"))
                .ToList();
            svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{string.Join(' ', points)}\" fill=\"none\" stroke=\"{Colour(product)}\" stroke-width=\"2.5\"/>\n");
        }

        Legend(svg, products);
        return svg.Append("</svg>\n").ToString();

        double X(int i) => Left + ((Width - Left - Right) * (i + 0.5) / Math.Max(1, sizes.Count));
    }

    private static StringBuilder Begin(string label)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12" role="img" aria-label="{label}">
            <rect width="{Width}" height="{Height}" fill="white"/>

            """);
        foreach (var ms in (double[])[1, 10, 100, 1000, 10_000])
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {Y(ms):0.0}H{Width - Right}\" stroke=\"#ddd\"/>\n");
            Text(svg, Left - 8, Y(ms) + 4, "end", ms.ToString("#,##0", CultureInfo.InvariantCulture));
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate(16 {Height / 2}) rotate(-90)\" text-anchor=\"middle\">worst wait of a connection, ms</text>\n");
        return svg;
    }

    private static void Legend(StringBuilder svg, IReadOnlyList<Product> products)
    {
        for (var i = 0; i < products.Count; i++)
        {
            var y = Top + 10 + (20 * i);
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Width - Right + 14}\" y=\"{y}\" width=\"12\" height=\"12\" fill=\"{Colour(products[i])}\"/>\n");
            Text(svg, Width - Right + 32, y + 10, "start", Products.NameOf(products[i]));
        }
    }

    private static void Text(StringBuilder svg, double x, double y, string anchor, string text) =>
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.0}\" y=\"{y:0.0}\" text-anchor=\"{anchor}\">{text}</text>\n");

    private static string Colour(Product product) => product switch
    {
        Product.Plain => "#999999",
        Product.Haproxy => "#b9770e",
        Product.Keepalived => "#7d3c98",
        Product.Silent => "#1b6ca8",
        _ => "#c0392b",
    };

    private static double Y(double ms) =>
        Height - Bottom - ((Height - Top - Bottom) * Math.Log(Math.Clamp(ms, LeastMs, MostMs) / LeastMs) / Math.Log(MostMs / LeastMs));
}
