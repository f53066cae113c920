using Appliance.Lab.Topology;

namespace Appliance.Lab.Demo.Workloads.Postgres;

/// <summary>
/// Asks the surviving server whether its books balance: every committed transaction added one amount to an account, a
/// teller, a branch and the history.
/// </summary>
internal sealed class PgbenchLedger(Laboratory lab, PostgresPrograms programs, string target)
{
    private const string Query = """
        SELECT (SELECT coalesce(sum(abalance), 0) FROM pgbench_accounts),
               (SELECT coalesce(sum(tbalance), 0) FROM pgbench_tellers),
               (SELECT coalesce(sum(bbalance), 0) FROM pgbench_branches),
               (SELECT coalesce(sum(delta), 0) FROM pgbench_history),
               (SELECT count(*) FROM pgbench_history)
        """;

    /// <summary>What is wrong, in words; empty if nothing is.</summary>
    /// <param name="committed">Transactions that clients were told are committed, in all runs so far.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<IReadOnlyList<string>> CheckAsync(long committed, CancellationToken cancellation)
    {
        string[] ask =
            [programs["psql"], "-h", target, "-p", PostgresSettings.PortText, "-U", PostgresSettings.User, "-AtX", "-F", " ", "-c", Query, PostgresSettings.Database];
        var answer = await lab.RunAsync(LabHost.Client, ask, cancellation: cancellation);
        return answer.ExitCode == 0
            ? PgbenchBooks.Judge(answer.Output, committed)
            : [$"the database did not answer after the run: {answer.Error.Trim()}"];
    }
}
