using Appliance.Bench.Labs;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Baseline;

/// <summary>keepalived on both nodes of a lab that is a network only.</summary>
public static class Keepalived
{
    /// <summary>Starts it on both nodes and waits until node 1 answers under the service address.</summary>
    public static async Task StartAsync(BenchLab lab, TimeSpan interval, CancellationToken cancellation)
    {
        foreach (var node in LabNames.Nodes)
        {
            var name = $"keepalived-{LabNames.Of(node)}";
            var file = Path.Combine(lab.Laboratory.Directory, $"{name}.conf");
            await File.WriteAllTextAsync(file, KeepalivedConfiguration.Compose(node, interval), cancellation);
            lab.StartProgram(
                node,
                [
                    "keepalived", "--vrrp", "--dont-fork", "--log-console", "--dont-respawn", "--use-file", file,
                    "--pid", file + ".pid", "--vrrp_pid", file + ".vrrp.pid",
                ],
                lab.Log(name)).Dispose();
        }

        var log = lab.Log($"keepalived-{LabNames.Of(LabHost.Node1)}");
        await BenchLab.WaitAsync(() => BenchLab.Contains(log, "Entering MASTER STATE"), "keepalived on node1 to become master", cancellation);
    }

    /// <summary>The version of the program.</summary>
    public static async Task<string?> VersionAsync(BenchLab lab, CancellationToken cancellation)
    {
        var result = await lab.Laboratory.RunAsync(LabHost.Node1, ["keepalived", "--version"], cancellation: cancellation);
        return KeepalivedConfiguration.Version(result.Output + result.Error);
    }
}
