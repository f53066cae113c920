using System.Globalization;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Content;

namespace Appliance.Lab.Demo.Workloads.Nginx;

/// <summary>nginx with one large file, and downloads of it that are compared with the file byte for byte.</summary>
/// <param name="target">The service's address.</param>
/// <param name="connections">Downloads at a time.</param>
/// <param name="seed">Chooses the file's content.</param>
internal sealed class NginxWorkload(string target, int connections, int seed) : IDemoWorkload
{
    private const int Port = 80;
    private const string FileName = "file.bin";
    private const int Megabyte = 1 << 20;
    private const int LargestFile = 256 * Megabyte;

    /// <summary>What all downloads of a round transfer together, at most.</summary>
    private const long RoundBytes = 768L * Megabyte;

    // Validators come from time and length of the file, so both nodes' files have the same time.
    private static readonly DateTime s_fileTime = new(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly ServerSet _servers = new("nginx");
    private string _program = "nginx";

    /// <inheritdoc/>
    public string Description => string.Create(CultureInfo.InvariantCulture, $"nginx with a file of {FileBytes / Megabyte} MiB");

    private long FileBytes => Math.Clamp(RoundBytes / connections / Megabyte, 1, LargestFile / Megabyte) * Megabyte;

    /// <inheritdoc/>
    public void Check() => _program = RequiredPrograms.Find("nginx", "nginx-light");

    /// <inheritdoc/>
    public async Task StartServersAsync(Laboratory lab, IProgress<string> progress, CancellationToken cancellation)
    {
        NodeDisk.Require(lab, FileBytes * LabNames.Nodes.Count);
        foreach (var node in LabNames.Nodes)
        {
            progress.Report($"Writing the file to {LabNames.Of(node)}");
            var directory = DirectoryOn(lab, node);
            Directory.CreateDirectory(Path.Combine(directory, "temp"));
            await WriteFileAsync(Path.Combine(directory, "www"), cancellation);
            await File.WriteAllTextAsync(Path.Combine(directory, "nginx.conf"), NginxConfiguration.Text(directory, Port), cancellation);
            await RestartServerAsync(lab, node, cancellation);
        }
    }

    /// <inheritdoc/>
    public async Task RestartServerAsync(Laboratory lab, LabHost healed, CancellationToken cancellation)
    {
        var directory = DirectoryOn(lab, healed);
        string[] command = [_program, "-p", directory, "-c", Path.Combine(directory, "nginx.conf"), "-e", Path.Combine(directory, "error.log")];
        var server = await _servers.StartAsync(lab, healed, command);
        await ServerPorts.WaitAsync(lab, healed, server, Port, cancellation);
    }

    /// <inheritdoc/>
    public IDemoTraffic StartTraffic(Laboratory lab, RoundPlan plan)
    {
        var rate = (long)(FileBytes / plan.Length.TotalSeconds);
        string[] arguments =
        [
            "demo", DownloadCommand.Name, target, $"/{FileName}",
            "--port", Text(Port),
            "--connections", Text(connections),
            "--bytes", Text(FileBytes),
            "--rate", Text(rate),
            "--seed", Text(seed),
        ];
        return new MeasuredTraffic(lab, arguments, connections, progress =>
        [
            ProgressItems.Connections(progress, connections),
            ProgressItems.Share("download", progress.DownloadFraction),
            ProgressItems.Bytes(progress),
            ProgressItems.WorstGap(progress.MaxGapMs),
        ]);
    }

    private static string DirectoryOn(Laboratory lab, LabHost node) => NodeDisk.Create(lab, node, "nginx");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task WriteFileAsync(string directory, CancellationToken cancellation)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, FileName);
        var pattern = new TrafficPattern((ulong)seed);
        await using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: Megabyte))
        {
            for (long position = 0; position < FileBytes;)
            {
                cancellation.ThrowIfCancellationRequested();
                var piece = pattern.Slice(position, (int)Math.Min(Megabyte, FileBytes - position));
                file.Write(piece);
                position += piece.Length;
            }
        }

        File.SetLastWriteTimeUtc(path, s_fileTime);
    }
}
