namespace Appliance.Tests.Lab.Support;

/// <summary>One connection in the gateway's <c>GET /api/v1/flows</c>.</summary>
public sealed record OpenFlow(string Flow, string State, ulong ClientBytes, ulong ServerBytes);
