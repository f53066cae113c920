namespace Appliance.Tests.Lab.Support;

/// <summary>What the gateway says of its recordings' store, in <see cref="RecorderReport"/>.</summary>
public sealed record StoreReport(string State, string? Reason, int Generation, long QueuedOperations);
