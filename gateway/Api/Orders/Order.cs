namespace Appliance.Gateway.Api.Orders;

/// <summary>What a request asks for; two that are equal ask for the same.</summary>
/// <param name="Kind">What.</param>
/// <param name="Node">For which node; null for a failover.</param>
/// <param name="AcceptLoss">Also when connections without a replica would be lost.</param>
public sealed record Order(OperationKind Kind, string? Node, bool AcceptLoss);
