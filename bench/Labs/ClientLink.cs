using Appliance.Lab.Topology;

namespace Appliance.Bench.Labs;

/// <summary>The rate of the client's cable, either way.</summary>
public static class ClientLink
{
    /// <summary>Limits what the client sends; null lifts the limit.</summary>
    public static Task LimitUploadAsync(BenchLab lab, double? gbit, CancellationToken cancellation) => LimitAsync(lab, LabHost.Client, "eth0", gbit, cancellation);

    /// <summary>Limits what the gateway sends to the client; null lifts the limit.</summary>
    public static Task LimitDownloadAsync(BenchLab lab, double? gbit, CancellationToken cancellation) => LimitAsync(lab, LabHost.Gateway, "client0", gbit, cancellation);

    private static async Task LimitAsync(BenchLab lab, LabHost sender, string device, double? gbit, CancellationToken cancellation)
    {
        if (gbit is { } rate)
        {
            // A burst of some segments of 64 KB, so that they need not be cut; a queue of a few milliseconds.
            string[] limit = ["tc", "qdisc", "replace", "dev", device, "root", "tbf", "rate", $"{rate * 1000:0}mbit", "burst", "256kb", "latency", "20ms"];
            await lab.RequireAsync(sender, limit, cancellation);
        }
        else
        {
            await lab.Laboratory.RunAsync(sender, ["tc", "qdisc", "del", "dev", device, "root"], cancellation: cancellation);
        }
    }
}
