namespace Appliance.Tests.Lab.Support;

/// <summary>One node in <see cref="GatewayReport"/>.</summary>
public sealed record NodeReport(string Name, string Role, ulong Epoch, bool Deaf, bool ServerEnded, bool ServerFailing, double ServerStalledMs, FlowReport Flows);
