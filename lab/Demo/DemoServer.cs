namespace Appliance.Lab.Demo;

/// <summary>The server whose death the demonstration shows. All are ordinary programs that know nothing of the appliance.</summary>
public enum DemoServer
{
    /// <summary>This tool's own sockets program: echoes, one download and one upload.</summary>
    Echo,

    /// <summary>nginx with one large file.</summary>
    Nginx,

    /// <summary>PostgreSQL under pgbench.</summary>
    Postgres,
}
