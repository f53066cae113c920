namespace Appliance.Tests.Lab.Support;

/// <summary>How a node's replicas are doing, in <see cref="NodeReport"/>.</summary>
public sealed record FlowReport(int Replicas, int InStep, int Diverged, int Held);
