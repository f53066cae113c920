namespace Appliance.Lab.Demo.Workloads.Postgres;

/// <summary>What the demonstration adds to PostgreSQL's own defaults.</summary>
internal static class PostgresSettings
{
    /// <summary>The system's and the database's user.</summary>
    public const string User = "postgres";

    /// <summary>The database.</summary>
    public const string Database = "postgres";

    /// <summary>TCP port.</summary>
    public const string PortText = "5432";

    /// <summary>Lines for <c>postgresql.conf</c>.</summary>
    public const string Server = $"""

        listen_addresses = '*'
        port = {PortText}
        max_connections = 100
        # The machine itself lives on, so nothing needs to reach the disk.
        fsync = off
        full_page_writes = off
        logging_collector = off

        """;

    /// <summary>Lines for <c>pg_hba.conf</c>.</summary>
    public const string Access = """

        host all all 10.0.1.0/24 trust
        host all all fd00:1::/64 trust

        """;
}
