namespace Appliance.Gateway.Api.Orders;

/// <summary>The body of <c>POST /api/v1/failover</c>.</summary>
/// <param name="Kind">planned: both nodes go on, and nothing is lost; forced: at once, whatever it costs.</param>
/// <param name="AcceptLoss">planned also when connections without a replica would be lost.</param>
public sealed record FailoverRequest(string? Kind, bool AcceptLoss = false);
