namespace Appliance.Gateway.Otlp;

/// <summary>A part of a failover, as a span shows it.</summary>
/// <param name="Name">What happened.</param>
/// <param name="Start">When it began, by the gateway's wall clock.</param>
/// <param name="End">When it was over.</param>
public sealed record FailoverPhase(string Name, DateTimeOffset Start, DateTimeOffset End);
