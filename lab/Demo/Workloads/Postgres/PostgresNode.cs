using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Demo.Workloads.Postgres;

/// <summary>A PostgreSQL on one node, as the user <c>postgres</c>, with its data on the node's own disk.</summary>
internal sealed class PostgresNode(Laboratory lab, LabHost node, PostgresPrograms programs, ServerSet servers)
{
    private static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(50);

    // Shared memory of a server that is killed would outlive it, were it not in namespaces that end with it.
    private static readonly string[] s_isolated =
        ["unshare", "--ipc", "--mount", "sh", "-c", "mount -t tmpfs shm /dev/shm && exec \"$@\"", "sh"];

    private static readonly string[] s_asPostgres =
        ["env", "-C", "/", "setpriv", "--reuid", PostgresSettings.User, "--regid", PostgresSettings.User, "--init-groups"];

    private readonly string _home = NodeDisk.Create(lab, node, "postgres");

    /// <summary>The directory of the Unix socket.</summary>
    public string SocketDirectory => Path.Combine(_home, "run");

    private string Data => Path.Combine(_home, "data");

    /// <summary>Makes an empty cluster.</summary>
    public async Task InitializeAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(SocketDirectory);
        await CommandRunner.RequireAsync(["chown", "-R", $"{PostgresSettings.User}:", _home], input: null, cancellation);
        string[] initialize = [programs["initdb"], "-D", Data, "-A", "trust", "-U", PostgresSettings.User, "-E", "UTF8", "--locale=C", "--no-sync"];
        await CommandRunner.RequireAsync(lab.CommandOn(node, [.. s_isolated, .. s_asPostgres, .. initialize]), input: null, cancellation);
        await File.AppendAllTextAsync(Path.Combine(Data, "postgresql.conf"), PostgresSettings.Server, cancellation);
        await File.AppendAllTextAsync(Path.Combine(Data, "pg_hba.conf"), PostgresSettings.Access, cancellation);
    }

    /// <summary>Takes over the data of another node, while neither server runs.</summary>
    public async Task CopyFromAsync(PostgresNode other, CancellationToken cancellation)
    {
        await CommandRunner.RequireAsync(["rm", "-rf", Data], input: null, cancellation);
        await CommandRunner.RequireAsync(["cp", "-a", other.Data, Data], input: null, cancellation);
        Directory.CreateDirectory(SocketDirectory);
        await CommandRunner.RequireAsync(["chown", $"{PostgresSettings.User}:", _home, SocketDirectory], input: null, cancellation);
    }

    /// <summary>Starts the server and returns when it takes connections.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        string[] command =
            [.. s_isolated, .. s_asPostgres, programs["postgres"], "-D", Data, "-c", $"unix_socket_directories={SocketDirectory}"];
        var server = await servers.StartAsync(lab, node, command);
        var started = TimeProvider.System.GetTimestamp();
        string[] probe = [programs["pg_isready"], "-q", "-h", SocketDirectory, "-p", PostgresSettings.PortText];
        while ((await CommandRunner.RunAsync(probe, cancellation: cancellation)).ExitCode != 0)
        {
            if (server.HasExited || TimeProvider.System.GetElapsedTime(started) > s_startTime)
            {
                throw ServerPorts.Failed(node, server);
            }

            await Task.Delay(s_pollInterval, cancellation);
        }
    }

    /// <summary>Ends the server in order, or what is left of it.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        string[] stop = [.. s_asPostgres, programs["pg_ctl"], "stop", "-D", Data, "-m", "fast", "-w", "-t", "10"];
        await lab.RunAsync(node, stop, cancellation: cancellation);
        await servers.StopAsync(node);
    }

    /// <summary>Fills the tables of pgbench.</summary>
    /// <param name="scale">pgbench's scaling factor.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task FillAsync(int scale, CancellationToken cancellation)
    {
        string[] fill = [programs["pgbench"], "-i", "-q", "-s", $"{scale}", "-h", SocketDirectory, "-p", PostgresSettings.PortText, "-U", PostgresSettings.User, PostgresSettings.Database];
        await CommandRunner.RequireAsync(lab.CommandOn(node, fill), input: null, cancellation);
    }
}
