namespace Appliance.Gateway.Api.Orders;

/// <summary>The body of <c>POST nodes/{name}/drain</c>; may be left out.</summary>
/// <param name="AcceptLoss">Also when the node holds the service and connections without a replica would be lost.</param>
public sealed record DrainRequest(bool AcceptLoss = false);
