using System.Globalization;

namespace Appliance.Lab.Demo.Workloads.Postgres;

/// <summary>One run of pgbench.</summary>
/// <param name="Target">The service's address.</param>
/// <param name="Clients">Connections.</param>
/// <param name="Seconds">Length of the run.</param>
/// <param name="Seed">Chooses the transactions.</param>
/// <param name="CommittedBefore">Transactions that the database has from earlier runs.</param>
public sealed record PgbenchOptions(string Target, int Clients, int Seconds, int Seed, long CommittedBefore)
{
    private const int Threads = 2;

    /// <summary>The arguments.</summary>
    /// <param name="logPrefix">Prefix of the files with one line per transaction.</param>
    public IReadOnlyList<string> Arguments(string logPrefix) =>
    [
        "-h", Target, "-p", PostgresSettings.PortText, "-U", PostgresSettings.User,
        "-n",
        "-c", Text(Clients),
        "-j", Text(Math.Min(Threads, Clients)),
        "-T", Text(Seconds),
        "-P", "1",
        "-l", $"--log-prefix={logPrefix}",
        $"--random-seed={Text(Seed)}",
        PostgresSettings.Database,
    ];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
