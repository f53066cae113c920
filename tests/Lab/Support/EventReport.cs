namespace Appliance.Tests.Lab.Support;

/// <summary>One change of assignment in <see cref="GatewayReport"/>.</summary>
public sealed record EventReport(ulong Epoch, string Cause, string Node, string From, string Active);
