using System.Globalization;
using Spectre.Console;

namespace Appliance.Lab.Demo.Reports;

/// <summary>Shows a report to people.</summary>
public static class ReportTable
{
    /// <summary>Writes the report.</summary>
    public static void Write(IAnsiConsole console, DemoReport report)
    {
        var rounds = report.Failovers.Count;
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumns("", "");
        table.AddRow("server", report.Server.ToString().ToLowerInvariant());
        table.AddRow(rounds == 1 ? "failover" : "failovers", rounds == 1 ? Direction(report.Failovers[0]) : Count(rounds));
        table.AddRow("connections", Count(report.Connections));
        table.AddRow("survived", Colour(report.Lost == 0, Count(report.Survived)));
        table.AddRow("lost", Colour(report.Lost == 0, Count(report.Lost)));
        if (report.Transactions is { } transactions)
        {
            table.AddRow("transactions", Count(transactions));
            table.AddRow("failed transactions", Colour(report.FailedTransactions == 0, Count(report.FailedTransactions ?? 0)));
        }
        else
        {
            var digests = report.DigestsVerified > 0 ? $" ({report.DigestsVerified} streams by SHA-256)" : "";
            table.AddRow("bytes verified", Count(report.BytesVerified) + digests);
            table.AddRow("bytes corrupted", Colour(report.BytesCorrupted == 0, Count(report.BytesCorrupted)));
        }

        table.AddRow("worst gap", Milliseconds(report.MaxGapMs));
        table.AddRow("worst gap at a failover", Milliseconds(report.FailoverGapMs));
        table.AddRow("median gap", Milliseconds(report.MedianGapMs));
        table.AddRow("detection", Milliseconds(report.DetectionMs));
        table.AddRow("takeover", Milliseconds(report.TakeoverMs));
        if (report.UnplannedFailovers > 0)
        {
            table.AddRow("unplanned failovers", Colour(good: false, Count(report.UnplannedFailovers)));
        }

        console.Write(table);
        if (rounds > 1)
        {
            console.Write(Rounds(report));
        }

        foreach (var round in report.Failovers)
        {
            foreach (var error in round.Errors)
            {
                console.MarkupLineInterpolated($"[red]Round {round.Round}:[/] {error}");
            }
        }
    }

    /// <summary>The report's last words.</summary>
    public static string Verdict(DemoReport report)
    {
        var deaths = report.Failovers.Count == 1 ? "The server died" : $"{report.Failovers.Count} servers died";
        return report.IsSuccess
            ? $"{deaths}; no connection was lost."
            : $"{deaths}; {report.Lost} of {report.Connections} connections were lost, {report.BytesCorrupted} bytes corrupted"
                + $"{(report.FailedTransactions is { } failed ? $", {failed} transactions failed" : "")}. Seed {report.Seed}.";
    }

    private static Table Rounds(DemoReport report)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("round", "failover", "lost", "worst gap", "at the failover", "median gap", "detection", "takeover");
        foreach (var round in report.Failovers)
        {
            table.AddRow(
                Count(round.Round),
                Direction(round),
                Colour(round.IsSuccess, Count(round.Lost)),
                Milliseconds(round.MaxGapMs),
                Milliseconds(round.FailoverGapMs),
                Milliseconds(round.MedianGapMs),
                Milliseconds(round.DetectionMs),
                Milliseconds(round.TakeoverMs));
        }

        return table;
    }

    private static string Direction(FailoverReport round) => $"{round.Failed} → {round.Survivor}";

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Colour(bool good, string text) => good ? $"[green]{text}[/]" : $"[red]{text}[/]";

    private static string Milliseconds(double? milliseconds) =>
        milliseconds is { } value ? $"{value.ToString("0.0##", CultureInfo.InvariantCulture)} ms" : "[red]not observed[/]";
}
