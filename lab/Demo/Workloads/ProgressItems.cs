using System.Globalization;
using Appliance.Lab.Demo.Views;
using Appliance.Lab.Traffic.Measure;

namespace Appliance.Lab.Demo.Workloads;

/// <summary>Shows numbers as progress.</summary>
internal static class ProgressItems
{
    /// <summary>Connections out of those wanted, and the lost ones.</summary>
    public static ProgressItem Connections(TrafficProgress progress, int wanted) => new(
        "connections",
        string.Create(CultureInfo.InvariantCulture, $"{progress.Connected:N0} of {wanted:N0}{(progress.Lost > 0 ? $", {progress.Lost:N0} lost" : "")}"),
        wanted > 0 ? (double)(progress.Connected - progress.Lost) / wanted : 1);

    /// <summary>A share.</summary>
    public static ProgressItem Share(string label, double fraction) =>
        new(label, string.Create(CultureInfo.InvariantCulture, $"{fraction * 100:0} %"), fraction);

    /// <summary>A number.</summary>
    public static ProgressItem Count(string label, long count) => new(label, count.ToString("N0", CultureInfo.InvariantCulture));

    /// <summary>Bytes compared so far.</summary>
    public static ProgressItem Bytes(TrafficProgress progress) => new(
        "verified",
        string.Create(
            CultureInfo.InvariantCulture,
            $"{progress.BytesVerified / 1e6:N0} MB{(progress.BytesCorrupted > 0 ? $", {progress.BytesCorrupted:N0} bytes WRONG" : "")}"));

    /// <summary>The worst wait so far.</summary>
    /// <param name="milliseconds">Its length.</param>
    public static ProgressItem WorstGap(double milliseconds) =>
        new("worst gap", string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.0} ms"));
}
