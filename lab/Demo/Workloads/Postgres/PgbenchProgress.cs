using System.Globalization;
using System.Text.RegularExpressions;

namespace Appliance.Lab.Demo.Workloads.Postgres;

/// <summary>A line that pgbench prints while it runs.</summary>
/// <param name="Rate">Transactions per second.</param>
/// <param name="LatencyMs">Mean latency in milliseconds.</param>
/// <param name="Failed">Transactions that failed in the interval.</param>
public sealed partial record PgbenchProgress(double Rate, double LatencyMs, long Failed)
{
    /// <summary>Reads a line such as <c>progress: 1.0 s, 4012.9 tps, lat 1.989 ms stddev 0.8, 0 failed</c>.</summary>
    public static bool TryParse(string line, out PgbenchProgress progress)
    {
        progress = null!;
        if (Pattern().Match(line) is not { Success: true } match
            || !double.TryParse(match.Groups["rate"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate)
            || !double.TryParse(match.Groups["latency"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var latency))
        {
            return false;
        }

        _ = long.TryParse(match.Groups["failed"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var failed);
        progress = new PgbenchProgress(rate, latency, failed);
        return true;
    }

    [GeneratedRegex(
        @"^progress: [\d.]+ s, (?<rate>[\d.]+) tps, lat (?<latency>[\d.]+) ms(?: stddev [^\s,]+)?(?:, (?<failed>\d+) failed)?",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
