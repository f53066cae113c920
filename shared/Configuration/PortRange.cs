namespace Appliance.Configuration;

/// <summary>Ports from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
public sealed record PortRange(ushort First, ushort Last)
{
    /// <summary>Do the two share a port?</summary>
    public bool Overlaps(PortRange other) => First <= other.Last && other.First <= Last;
}
