using System.Globalization;

namespace Appliance.Lab.Demo.Workloads.Postgres;

/// <summary>Judges the sums of pgbench's tables.</summary>
public static class PgbenchBooks
{
    /// <summary>Compares the answer with what it must be.</summary>
    /// <param name="answer">Sums of accounts, tellers, branches and history, and the number of entries there.</param>
    /// <param name="committed">Transactions that clients were told are committed.</param>
    public static IReadOnlyList<string> Judge(string answer, long committed)
    {
        var numbers = new List<long>();
        foreach (var field in answer.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (long.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                numbers.Add(number);
            }
        }

        if (numbers is not [var accounts, var tellers, var branches, var history, var entries])
        {
            return [$"the database's books cannot be read: {answer.Trim()}"];
        }

        var problems = new List<string>();
        if (accounts != tellers || accounts != branches || accounts != history)
        {
            problems.Add($"the books do not balance: accounts {accounts}, tellers {tellers}, branches {branches}, history {history}");
        }

        if (entries != committed)
        {
            problems.Add($"{committed} transactions were committed, the history has {entries}");
        }

        return problems;
    }
}
