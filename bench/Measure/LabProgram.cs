namespace Appliance.Bench.Measure;

/// <summary>Tells the programs in a lab apart by the short names that the kernel keeps (15 characters).</summary>
public static class LabProgram
{
    private const string Traffic = "appliance-lab";

    /// <summary>The traffic server or client.</summary>
    public static bool IsTraffic(string name) => string.Equals(name, Traffic, StringComparison.Ordinal);

    /// <summary>A gateway or a node agent.</summary>
    public static bool IsAppliance(string name) => name.StartsWith("appliance-", StringComparison.Ordinal) && !IsTraffic(name);

    /// <summary>What does a gateway's work: the appliance, or the proxy in its place.</summary>
    public static bool IsForwarder(string name) => IsAppliance(name) || string.Equals(name, "haproxy", StringComparison.Ordinal);
}
