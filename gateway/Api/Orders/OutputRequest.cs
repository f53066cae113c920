namespace Appliance.Gateway.Api.Orders;

/// <summary>The body of <c>PUT services/{name}/output</c>.</summary>
/// <param name="Policy">silent: only the active node's output reaches clients; hot: the first copy of each byte.</param>
public sealed record OutputRequest(string? Policy);
