namespace Appliance.Tests.Lab.Support;

/// <summary>What the gateway says of datagrams, in <see cref="RecorderReport"/>.</summary>
public sealed record DatagramReport(int Flows, int HeldBytes, int Repaired, int Repeated, int Compared, int Diverged, long Divergences);
