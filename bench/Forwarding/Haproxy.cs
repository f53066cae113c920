using Appliance.Bench.Labs;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Forwarding;

/// <summary>HAProxy on the gateway of a lab that is a network only.</summary>
public static class Haproxy
{
    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="lab">The lab, whose servers listen.</param>
    /// <param name="withBackup">Checks both servers and goes on with the second one; otherwise there is one.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public static async Task StartAsync(BenchLab lab, bool withBackup, CancellationToken cancellation)
    {
        var file = Path.Combine(lab.Laboratory.Directory, "haproxy.cfg");
        await File.WriteAllTextAsync(file, HaproxyConfiguration.Compose(withBackup), cancellation);
        await lab.RequireAsync(LabHost.Gateway, ["haproxy", "-c", "-q", "-f", file], cancellation);
        lab.StartProgram(LabHost.Gateway, ["haproxy", "-db", "-f", file], lab.Log("haproxy")).Dispose();
        var listening = lab.Laboratory.Namespace(LabHost.Gateway);
        await BenchLab.WaitAsync(() => ListeningSockets.In(listening).Count > 1, "HAProxy", cancellation);
    }

    /// <summary>The version of the program.</summary>
    public static async Task<string?> VersionAsync(BenchLab lab, CancellationToken cancellation) =>
        HaproxyConfiguration.Version(await lab.RequireAsync(LabHost.Gateway, ["haproxy", "-v"], cancellation));
}
