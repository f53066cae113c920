namespace Appliance.Gateway.Api.Telemetry;

/// <summary>The body of <c>GET /api/v1/telemetry</c>.</summary>
/// <param name="IntervalMs">Length of a step.</param>
/// <param name="Samples">The last two minutes, the latest last.</param>
internal sealed record TelemetryDocument(double IntervalMs, IReadOnlyList<Sample> Samples);
