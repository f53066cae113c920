using Appliance.Bench.Labs;
using Appliance.Bench.Measure;
using Appliance.Bench.Report;
using Appliance.Lab;
using Appliance.Lab.Daemons;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Footprint;

/// <summary>Memory per protected connection, and how soon the programs are ready.</summary>
public sealed class FootprintBench : IBench
{
    private const double Mebibyte = 1024 * 1024;

    /// <summary>Smaller maps are in the totals only.</summary>
    private const long ShownBytes = 100 * 1024;

    private static readonly TimeSpan s_stepTime = TimeSpan.FromSeconds(8);

    /// <inheritdoc/>
    public string Name => "footprint";

    /// <inheritdoc/>
    public string Title => "memory per protected connection, and start-up times";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var flows = context.Options.Pick(1_000, 10_000, 10_000);
        var runs = context.Options.RunsOr(1, 5, 20);
        await using var lab = await BenchLab.UpAsync("footprint", withAppliance: true, cancellation);
        await lab.StartServersAsync(cancellation, LabHost.Node1, LabHost.Node2);
        var memory = await MeasureMemoryAsync(lab, flows, cancellation);
        context.Say($"{flows} connections measured; now the start-up times");

        var starts = DaemonProgram.Hosts.ToDictionary(host => host, _ => new List<double>());
        var timer = new StartupTimer(lab);
        for (var run = 1; run <= runs; run++)
        {
            foreach (var host in DaemonProgram.Hosts)
            {
                var took = await timer.MeasureAsync(host, cancellation);
                starts[host].Add(took);
                context.Say($"start {run} of {runs}, {DaemonProgram.NameFor(host)}: {Format.Number(took)} ms");
            }
        }

        return Report(memory, starts);
    }

    private static async Task<IReadOnlyList<MemoryResult>> MeasureMemoryAsync(BenchLab lab, int flows, CancellationToken cancellation)
    {
        var status = await lab.Laboratory.StatusAsync(cancellation);
        var pids = DaemonProgram.Hosts.ToDictionary(host => host, host => status.Hosts.First(entry => entry.Host == host).Pid ?? 0);
        var empty = pids.ToDictionary(pid => pid.Key, pid => ProgramMemory.Read(pid.Value));
        var client = lab.StartClient(LabAddresses.Vip4, "--connections", $"{flows}", "--wait-stop");
        var connected = await client.Connected.WaitAsync(cancellation);
        if (connected.Connections < flows)
        {
            throw new LabException(LabFailure.NotReady, $"Only {connected.Connections} of {flows} connections could be made.");
        }

        await lab.Gateway.WaitAsync(view => view.Find(LabNames.Of(LabHost.Node2))?.InStep >= flows, s_stepTime, cancellation);
        var full = pids.ToDictionary(pid => pid.Key, pid => ProgramMemory.Read(pid.Value));
        await client.StopAsync(cancellation);
        return [.. pids.Keys.Select(host => new MemoryResult(host, DaemonProgram.NameFor(host), flows, empty[host], full[host]))];
    }

    private BenchReport Report(IReadOnlyList<MemoryResult> memory, IReadOnlyDictionary<LabHost, List<double>> starts)
    {
        var flows = Format.Count(memory[0].Flows);
        var totals = new ReportTable(
            $"Memory without connections and with {flows}",
            ["program", "maps MiB", $"maps MiB, {flows}", "map bytes per connection", "process MiB", $"process MiB, {flows}"],
            [.. memory.Select(Total)]);
        var maps = new ReportTable(
            "Maps of the kernel that are larger than 100 KiB",
            ["map", "key + value bytes", "entries at most", "KiB", $"KiB, {flows}"],
            [.. memory.SelectMany(result => result.Full.Maps.Where(map => map.Bytes > ShownBytes).Select(map => Map(result, map)))]);
        var times = new ReportTable(
            "Start-up: from spawning a program until it is ready, ms",
            ["program", "starts", "median", "worst"],
            [.. starts.Select(start => Start(start.Key, start.Value))]);
        return new BenchReport(Name, Title, [totals, maps, times], [], new { Memory = memory, StartupMs = starts.ToDictionary(start => LabNames.Of(start.Key), start => start.Value, StringComparer.Ordinal) });
    }

    private static IReadOnlyList<string> Total(MemoryResult result) =>
    [
        $"{result.Program} ({LabNames.Of(result.Host)})",
        Format.Number(result.Empty.MapBytes / Mebibyte),
        Format.Number(result.Full.MapBytes / Mebibyte),
        Format.Number(result.BytesPerFlow),
        Format.Number(result.Empty.ResidentBytes / Mebibyte),
        Format.Number(result.Full.ResidentBytes / Mebibyte),
    ];

    private static IReadOnlyList<string> Map(MemoryResult result, BpfMapInfo map) =>
    [
        $"{LabNames.Of(result.Host)}, {map.TypeName}",
        $"{map.KeyBytes} + {map.ValueBytes}",
        Format.Count(map.Entries),
        Format.Number((result.Empty.Maps.FirstOrDefault(before => before.Id == map.Id)?.Bytes ?? 0) / 1024.0),
        Format.Number(map.Bytes / 1024.0),
    ];

    private static IReadOnlyList<string> Start(LabHost host, List<double> times) =>
    [
        $"{DaemonProgram.NameFor(host)} ({LabNames.Of(host)})",
        Format.Count(times.Count),
        Format.Number(Statistics.Median(times.Select(time => (double?)time))),
        Format.Number(Statistics.Max(times.Select(time => (double?)time))),
    ];
}
