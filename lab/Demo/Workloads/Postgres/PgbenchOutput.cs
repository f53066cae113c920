using System.Globalization;

namespace Appliance.Lab.Demo.Workloads.Postgres;

/// <summary>What pgbench says at its end.</summary>
/// <param name="Processed">Transactions committed; null when it did not say.</param>
/// <param name="Failed">Transactions that failed; null when it did not say, as versions before 15.</param>
/// <param name="AbortedClients">Connections that it gave up.</param>
/// <param name="FirstError">The first complaint, if any.</param>
public sealed record PgbenchOutput(long? Processed, long? Failed, int AbortedClients, string? FirstError)
{
    private const string ProcessedLabel = "number of transactions actually processed:";
    private const string FailedLabel = "number of failed transactions:";

    /// <summary>Reads the output; whatever it is, it yields a result.</summary>
    /// <param name="output">Lines of standard output.</param>
    /// <param name="errors">Lines of standard error.</param>
    public static PgbenchOutput Parse(IReadOnlyCollection<string> output, IReadOnlyCollection<string> errors) => new(
        Number(output, ProcessedLabel),
        Number(output, FailedLabel),
        errors.Count(IsAbort),
        errors.FirstOrDefault(line => line.Contains("error:", StringComparison.Ordinal) || line.Contains("FATAL", StringComparison.Ordinal)));

    /// <summary>What was wrong with the run, in words; empty if nothing was.</summary>
    /// <param name="exitCode">pgbench's exit code.</param>
    public IReadOnlyList<string> Problems(int exitCode)
    {
        var problems = new List<string>();
        if (Processed is null)
        {
            problems.Add("pgbench did not say how many transactions it made");
        }

        if (exitCode != 0)
        {
            problems.Add($"pgbench ended with exit code {exitCode}");
        }

        if (AbortedClients > 0)
        {
            problems.Add($"pgbench gave up {AbortedClients} connections");
        }

        if (problems.Count > 0 && FirstError is { } error)
        {
            problems.Add(error);
        }

        return problems;
    }

    private static bool IsAbort(string line) =>
        line.Contains("client ", StringComparison.Ordinal) && line.Contains(" aborted in ", StringComparison.Ordinal);

    // "12345", "12345/20000" with a number of transactions asked for, "0 (0.000%)".
    private static long? Number(IEnumerable<string> lines, string label)
    {
        var line = lines.FirstOrDefault(candidate => candidate.StartsWith(label, StringComparison.Ordinal));
        var digits = line?[label.Length..].TrimStart().TakeWhile(char.IsAsciiDigit).ToArray() ?? [];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
