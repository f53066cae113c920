namespace Appliance.Configuration;

/// <summary>The section <c>telemetry.otlp</c>: where the gateway sends what it measures and does, by OpenTelemetry's protocol.</summary>
/// <param name="Endpoint">The collector.</param>
/// <param name="Interval">How often metrics are sent.</param>
public sealed record OtlpOptions(Uri Endpoint, TimeSpan Interval)
{
    /// <summary>Reads the section; null without an endpoint.</summary>
    public static OtlpOptions? Read(ConfigNode root)
    {
        var telemetry = root.Section("telemetry", "what is sent to others");
        var otlp = telemetry.Section("otlp", "to a collector, by OpenTelemetry's protocol over HTTP");
        var text = otlp.Text("endpoint", "the collector: metrics, traces of failovers, and the log go to /v1/metrics, /v1/traces and /v1/logs below it", string.Empty, "http://10.0.0.9:4318");
        var interval = otlp.Duration("interval", "how often metrics are sent", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        otlp.RejectUnknown();
        telemetry.RejectUnknown();
        if (text.Length == 0)
        {
            return null;
        }
        if (Uri.TryCreate(text.TrimEnd('/') + '/', UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https")
        {
            return new OtlpOptions(endpoint, interval);
        }
        otlp.Error("endpoint", $"'{text}' is not an address such as http://10.0.0.9:4318");
        return null;
    }
}
