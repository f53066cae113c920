using System.Globalization;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Server;

namespace Appliance.Lab.Demo.Workloads.Echo;

/// <summary>This tool's own sockets program: many echo connections, one download and one upload.</summary>
/// <param name="target">The service's address.</param>
/// <param name="connections">Echo connections.</param>
internal sealed class EchoWorkload(string target, int connections) : IDemoWorkload
{
    private const int StreamPort = 7002;
    private const int Streams = 2;

    /// <summary>Rate of the download and of the upload, in bytes per second: two cores carry the whole lab.</summary>
    private const long StreamRate = 20_000_000;

    /// <summary>Connections that are made and get their replicas in a second, by a cautious guess.</summary>
    private const double ConnectRate = 2_000;

    private readonly ServerSet _servers = new("server");

    /// <inheritdoc/>
    public string Description => "an ordinary sockets program (echo, download, upload)";

    /// <inheritdoc/>
    public void Check()
    {
        // It is part of this tool.
    }

    /// <inheritdoc/>
    public async Task StartServersAsync(Laboratory lab, IProgress<string> progress, CancellationToken cancellation)
    {
        foreach (var node in LabNames.Nodes)
        {
            await RestartServerAsync(lab, node, cancellation);
        }
    }

    /// <inheritdoc/>
    public async Task RestartServerAsync(Laboratory lab, LabHost healed, CancellationToken cancellation)
    {
        var server = await _servers.StartAsync(lab, healed, [ToolProgram.Path, "traffic-server"]);
        await ServerPorts.WaitAsync(lab, healed, server, TrafficServerOptions.DefaultEchoPort, cancellation);
        await ServerPorts.WaitAsync(lab, healed, server, StreamPort, cancellation);
    }

    /// <inheritdoc/>
    public IDemoTraffic StartTraffic(Laboratory lab, RoundPlan plan)
    {
        // The streams have to last beyond the takeover.
        var seconds = plan.Length.TotalSeconds + 1 + (connections / ConnectRate);
        string[] arguments =
        [
            "traffic-client", target,
            "--connections", Text(connections),
            "--downloads", "1",
            "--uploads", "1",
            "--stream-bytes", Text((long)(StreamRate * seconds)),
            "--stream-rate", Text(StreamRate),
            "--seed", Text(plan.Seed),
            "--sha256",
            "--wait-stop",
        ];
        return new MeasuredTraffic(lab, arguments, connections + Streams, progress =>
        [
            ProgressItems.Connections(progress, connections + Streams),
            ProgressItems.Share("download", progress.DownloadFraction),
            ProgressItems.Share("upload", progress.UploadFraction),
            ProgressItems.Count("echoes", progress.Echoes),
            ProgressItems.Bytes(progress),
            ProgressItems.WorstGap(progress.MaxGapMs),
        ]);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
