using Appliance.Configuration;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Metric = Appliance.Gateway.Metrics.Metric;

namespace Appliance.Gateway.Otlp;

/// <summary>Sends metrics, traces and the log to a collector, for as long as it lives. A collector that is away costs what it misses, and nothing else.</summary>
public sealed class OtlpExport : IHostedService, IDisposable
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    private readonly MetricInstruments _instruments;
    private readonly MeterProvider _metrics;
    private readonly TracerProvider _traces;
    private readonly ServiceProvider _logs;

    /// <summary>Begins.</summary>
    /// <param name="options">Where to.</param>
    /// <param name="read">Reads all metrics.</param>
    /// <param name="logging">Its log goes there, too.</param>
    /// <param name="time">For the metrics.</param>
    public OtlpExport(OtlpOptions options, Func<IReadOnlyList<Metric>> read, ILoggerFactory logging, TimeProvider time)
    {
        var gateway = ResourceBuilder.CreateEmpty()
            .AddService("appliance-gateway", serviceVersion: typeof(OtlpExport).Assembly.GetName().Version!.ToString(3), serviceInstanceId: Environment.MachineName);
        _instruments = new MetricInstruments(read, time);
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(gateway).AddMeter(MetricInstruments.MeterName)
            .AddOtlpExporter((exporter, reader) =>
            {
                To(exporter, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.Interval.TotalMilliseconds;
            })
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(gateway).AddSource(FailoverTracer.SourceName).AddOtlpExporter(exporter => To(exporter, "v1/traces")).Build();
        _logs = new ServiceCollection().AddLogging(builder => builder.AddOpenTelemetry(log =>
        {
            log.SetResourceBuilder(gateway);
            log.IncludeFormattedMessage = true;
            log.AddOtlpExporter(exporter => To(exporter, "v1/logs"));
        })).BuildServiceProvider();
        foreach (var provider in _logs.GetServices<ILoggerProvider>())
        {
            logging.AddProvider(provider);
        }

        void To(OtlpExporterOptions exporter, string path)
        {
            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
            exporter.Endpoint = new Uri(options.Endpoint, path);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sends what is left, if the collector takes it at once.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            _traces.ForceFlush((int)s_farewell.TotalMilliseconds);
            _metrics.ForceFlush((int)s_farewell.TotalMilliseconds);
        },
        cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
        _logs.Dispose();
        _instruments.Dispose();
    }
}
