using Appliance.Bench.Footprint;
using Appliance.Bench.Labs;
using Appliance.Bench.Measure;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Api;

/// <summary>Measures what protected connections notice of strangers at the gateway's interface.</summary>
public sealed class SiegeMeter(BenchLab lab, int idle)
{
    private const int Connections = 100;
    private const int ThinkMs = 100;
    private const int NobodysPort = 9;
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(1);

    /// <summary>Measures.</summary>
    public async Task<SiegeRun> RunAsync(int round, SiegeKind kind, TimeSpan time, CancellationToken cancellation)
    {
        var gateway = (await lab.Laboratory.StatusAsync(cancellation)).Hosts.First(host => host.Host == LabHost.Gateway).Pid ?? 0;
        var strangers = kind == SiegeKind.Peace ? null : await Siege.BeginAsync(lab, kind == SiegeKind.Siege ? LabAddresses.ApiPort : NobodysPort, idle, cancellation);
        try
        {
            var client = lab.StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--think-ms", $"{ThinkMs}", "--wait-stop");
            await client.Connected.WaitAsync(cancellation);
            await Task.Delay(s_settle, cancellation);
            await client.ForgetGapsAsync(cancellation);
            var events = (await lab.Gateway.ReadAsync(cancellation)).Events.Count;
            var started = TimeProvider.System.GetTimestamp();
            var (before, strangersBefore) = (CpuSnapshot.Take(lab.Laboratory), Environment.CpuUsage.TotalTime);
            var honest = new HonestClient(lab.Laboratory.ApiUrl);
            await honest.RunAsync(time, cancellation);
            var (after, strangersAfter) = (CpuSnapshot.Take(lab.Laboratory), Environment.CpuUsage.TotalTime);
            var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            var (tried, held) = (strangers?.Tried ?? 0, strangers?.Held ?? 0);
            var memory = ProgramMemory.Read(gateway).ResidentBytes;
            var report = await client.StopAsync(cancellation);
            return new SiegeRun
            {
                Round = round,
                Kind = kind,
                EchoP99Us = report.EchoRoundTrip.P99Us,
                MaxGapMs = report.MaxGapMs,
                Lost = report.Lost,
                Takeovers = (await lab.Gateway.ReadAsync(cancellation)).Events.Count - events,
                GatewayCpu = after.SecondsSince(before, LabHost.Gateway, LabProgram.IsAppliance) / seconds,
                StrangersCpu = (strangersAfter - strangersBefore).TotalSeconds / seconds,
                GatewayBytes = memory,
                Asked = honest.Asked,
                Answered = honest.Answered,
                AnswerP99Ms = honest.P99Ms,
                Tried = tried,
                Held = held,
            };
        }
        finally
        {
            if (strangers is not null)
            {
                await strangers.DisposeAsync();
            }
        }
    }
}
