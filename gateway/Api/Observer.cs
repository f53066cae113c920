using Appliance.Gateway.Api.Events;
using Appliance.Gateway.Api.Status;
using Appliance.Gateway.Api.Telemetry;
using Appliance.Gateway.Metrics;
using Appliance.Gateway.Otlp;

namespace Appliance.Gateway.Api;

/// <summary>Looks at the gateway ten times a second, at ordinary priority, and tells the journal, the telemetry, the histograms and the traces.</summary>
internal sealed partial class Observer(StatusReader reader, Narrator narrator, Sampler sampler, TelemetryLog telemetry, FailoverMeter failovers, FailoverTracer tracer, TimeProvider time, ILogger<Observer> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        for (var look = 0; await timer.WaitForNextTickAsync(stoppingToken); look++)
        {
            try
            {
                var status = reader.Read();
                narrator.Look(status);
                failovers.Look(status.Events);
                tracer.Look(status.Events);
                if (look % (int)(TelemetryLog.Interval / Interval) == 0 && sampler.Take(status) is { } sample)
                {
                    telemetry.Add(sample);
                }
            }
            catch (Exception e)
            {
                LogFailed(logger, e);
            }
        }
    }

    [LoggerMessage(1402, LogLevel.Error, "A look at the status failed; the next one follows")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
