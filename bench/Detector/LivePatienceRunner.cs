using System.Globalization;
using Appliance.Bench.Labs;
using Appliance.Bench.Measure;
using Appliance.Lab;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Detector;

/// <summary>
/// Lets the appliance stand with its default detection while every processor has more to do than it can: one program per
/// processor that only spins, beside the traffic of a hundred connections.
/// </summary>
public sealed class LivePatienceRunner(BenchContext context)
{
    private const int Connections = 100;
    private static readonly TimeSpan s_look = TimeSpan.FromMinutes(1);

    /// <summary>Watches for so long.</summary>
    public async Task<LivePatience> RunAsync(TimeSpan time, CancellationToken cancellation)
    {
        await using var lab = await BenchLab.UpAsync(new LabOptions { Name = "patience" }, configuration: null, cancellation);
        await lab.StartServersAsync(cancellation, LabHost.Node1, LabHost.Node2);
        var client = lab.StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--think-ms", "100", "--wait-stop");
        await client.Connected.WaitAsync(cancellation);
        for (var i = 0; i < Environment.ProcessorCount; i++)
        {
            lab.StartProgram(LabHost.Client, ["sh", "-c", "while :; do :; done"], lab.Log($"spin{i}")).Dispose();
        }

        var before = SystemCpu.Read();
        var started = TimeProvider.System.GetTimestamp();
        var suspicions = 0;
        for (var left = time; left > TimeSpan.Zero; left = time - TimeProvider.System.GetElapsedTime(started))
        {
            await Task.Delay(left < s_look ? left : s_look, cancellation);
            suspicions = (await lab.Gateway.ReadAsync(cancellation)).FalseAlarmsBefore(long.MaxValue);
            context.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"{TimeProvider.System.GetElapsedTime(started).TotalMinutes:0.0} of {time.TotalMinutes:0.0} minutes on busy processors: {suspicions} false suspicions"));
        }

        var used = SystemCpu.Read().Since(before);
        var report = await client.StopAsync(cancellation);
        if (suspicions > 0 || report.Lost > 0)
        {
            context.KeepLogs(lab, $"{suspicions} false suspicions, {report.Lost} lost", report.Errors);
        }

        return new LivePatience(
            time.TotalMinutes, 100 * used.BusyShare, 100 * used.StealShare, suspicions, report.Connections, report.Lost, report.BytesCorrupted, report.BytesVerified, report.MaxGapMs);
    }
}
