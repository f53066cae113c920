using Appliance.Lab.Topology;

namespace Appliance.Lab.Demo.Workloads.Postgres;

/// <summary>PostgreSQL under pgbench: concurrent writes over connections that clients do not reopen.</summary>
/// <param name="target">The service's address.</param>
/// <param name="connections">Clients of pgbench.</param>
internal sealed class PostgresWorkload(string target, int connections) : IDemoWorkload
{
    private const int Scale = 5;

    /// <summary>What a node's data may need, with the log of some rounds.</summary>
    private const long NodeBytes = 400L << 20;

    private readonly ServerSet _servers = new("postgres");
    private PostgresPrograms? _programs;
    private long _committed;

    /// <inheritdoc/>
    public string Description => "PostgreSQL under pgbench";

    private PostgresPrograms Programs => _programs ??= PostgresPrograms.Find();

    /// <inheritdoc/>
    public void Check()
    {
        _programs = PostgresPrograms.Find();
        RequiredPrograms.Find("setpriv", "util-linux");
        RequiredPrograms.Find("unshare", "util-linux");
    }

    /// <inheritdoc/>
    public async Task StartServersAsync(Laboratory lab, IProgress<string> progress, CancellationToken cancellation)
    {
        NodeDisk.Require(lab, NodeBytes * LabNames.Nodes.Count);
        var first = Node(lab, LabHost.Node1);
        var second = Node(lab, LabHost.Node2);
        progress.Report("Making a database");
        await first.InitializeAsync(cancellation);
        await first.StartAsync(cancellation);
        progress.Report($"Filling it (pgbench -i -s {Scale})");
        await first.FillAsync(Scale, cancellation);
        progress.Report("Copying it to the second node's disk");
        await first.StopAsync(cancellation);
        await second.CopyFromAsync(first, cancellation);
        await first.StartAsync(cancellation);
        await second.StartAsync(cancellation);
    }

    /// <inheritdoc/>
    public async Task RestartServerAsync(Laboratory lab, LabHost healed, CancellationToken cancellation)
    {
        // Both nodes begin a round with the same data: that of the one which lived on. No client is connected now.
        var survivor = Node(lab, LabNames.Peer(healed));
        var stale = Node(lab, healed);
        await stale.StopAsync(cancellation);
        await survivor.StopAsync(cancellation);
        await stale.CopyFromAsync(survivor, cancellation);
        await survivor.StartAsync(cancellation);
        await stale.StartAsync(cancellation);
    }

    /// <inheritdoc/>
    public IDemoTraffic StartTraffic(Laboratory lab, RoundPlan plan) => new PgbenchTraffic(
        lab,
        Programs,
        new PgbenchLedger(lab, Programs, target),
        new PgbenchOptions(target, connections, (int)Math.Ceiling(plan.Length.TotalSeconds) + 1, plan.Seed, _committed),
        processed => _committed += processed);

    private PostgresNode Node(Laboratory lab, LabHost node) => new(lab, node, Programs, _servers);
}
