using System.Net;
using Appliance.Bench.Labs;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Server;

namespace Appliance.Bench.Baseline;

/// <summary>Crashes node 1 under old and new connections, with the appliance or with keepalived.</summary>
public sealed class BaselineRunner(BenchContext context)
{
    private const int OldConnections = 200;
    private static readonly TimeSpan s_tail = TimeSpan.FromSeconds(1.5);

    /// <summary>Makes one crash.</summary>
    /// <param name="product">As tables call it.</param>
    /// <param name="interval">keepalived's time between advertisements; null for the appliance.</param>
    /// <param name="cancellation">Ends everything.</param>
    public async Task<BaselineRun> RunAsync(string product, TimeSpan? interval, CancellationToken cancellation)
    {
        await using var lab = await BenchLab.UpAsync("baseline", withAppliance: interval is null, cancellation);
        await lab.StartServersAsync(cancellation, LabHost.Node1, LabHost.Node2);
        if (interval is { } advertisement)
        {
            await Keepalived.StartAsync(lab, advertisement, cancellation);
        }

        var client = lab.StartClient(LabAddresses.Vip4, "--connections", $"{OldConnections}", "--wait-stop");
        await client.Connected.WaitAsync(cancellation);
        using var probe = new ConnectionProbe(lab.Laboratory.Namespace(LabHost.Client), new IPEndPoint(IPAddress.Parse(LabAddresses.Vip4), TrafficServerOptions.DefaultEchoPort));
        await Task.Delay(TimeSpan.FromSeconds(1.2) + context.RandomTime(0, 1000), cancellation);
        var fault = await lab.Laboratory.FaultAsync(new FaultRequest(FaultKind.Crash, LabNames.Of(LabHost.Node1)), cancellation);

        // VRRP takes three intervals and a bit; what waits for a retransmission needs as long again.
        await Task.Delay(s_tail + (8 * (interval ?? TimeSpan.Zero)), cancellation);
        var attempts = await probe.StopAsync();
        var report = await client.StopAsync(cancellation);
        if (interval is null && report.Lost > 0)
        {
            context.KeepLogs(lab, $"{product}: {report.Lost} lost", report.Errors);
        }

        return new BaselineRun(
            product,
            report.Connections,
            report.Lost,
            report.Survived > 0 ? report.MaxGapMs : null,
            ProbeResult.From(attempts, fault.AtNs));
    }

    /// <summary>The version of keepalived, for the report.</summary>
    public static async Task<string?> KeepalivedVersionAsync(CancellationToken cancellation)
    {
        await using var lab = await BenchLab.UpAsync("baseline", withAppliance: false, cancellation);
        return await Keepalived.VersionAsync(lab, cancellation);
    }
}
