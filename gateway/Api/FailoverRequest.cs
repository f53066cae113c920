namespace Appliance.Gateway.Api;

/// <summary>The body of <c>POST /api/v1/failover</c>.</summary>
/// <param name="Kind">forced.</param>
public sealed record FailoverRequest(string? Kind);
