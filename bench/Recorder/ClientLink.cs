using Appliance.Bench.Labs;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Recorder;

/// <summary>The rate of the client's cable, towards the gateway.</summary>
public static class ClientLink
{
    private const string Device = "eth0";

    /// <summary>Limits it; null lifts the limit.</summary>
    public static async Task SetAsync(BenchLab lab, double? gbit, CancellationToken cancellation)
    {
        if (gbit is { } rate)
        {
            // A burst of some segments of 64 KB, so that they need not be cut; a queue of a few milliseconds.
            string[] limit = ["tc", "qdisc", "replace", "dev", Device, "root", "tbf", "rate", $"{rate * 1000:0}mbit", "burst", "256kb", "latency", "20ms"];
            await lab.RequireAsync(LabHost.Client, limit, cancellation);
        }
        else
        {
            await lab.Laboratory.RunAsync(LabHost.Client, ["tc", "qdisc", "del", "dev", Device, "root"], cancellation: cancellation);
        }
    }
}
