using System.Globalization;
using Appliance.Bench.Labs;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Baseline;

/// <summary>keepalived on both nodes of a lab that is a network only.</summary>
public static class Keepalived
{
    private const string Pid = ".pid";

    /// <summary>Starts it on both nodes and waits until node 1 answers under the service address.</summary>
    public static async Task StartAsync(BenchLab lab, TimeSpan interval, CancellationToken cancellation)
    {
        foreach (var node in LabNames.Nodes)
        {
            var name = $"keepalived-{LabNames.Of(node)}";
            var file = ConfigurationFile(lab, node);
            await File.WriteAllTextAsync(file, KeepalivedConfiguration.Compose(node, interval), cancellation);
            lab.StartProgram(
                node,
                [
                    "keepalived", "--vrrp", "--dont-fork", "--log-console", "--dont-respawn", "--use-file", file,
                    "--pid", file + Pid, "--vrrp_pid", file + ".vrrp.pid",
                ],
                lab.Log(name)).Dispose();
        }

        var log = lab.Log($"keepalived-{LabNames.Of(LabHost.Node1)}");
        await BenchLab.WaitAsync(() => BenchLab.Contains(log, "Entering MASTER STATE"), "keepalived on node1 to become master", cancellation);
    }

    /// <summary>Ends it on a node in good order: it gives the address away.</summary>
    public static void Stop(BenchLab lab, LabHost node) =>
        ProcessTable.Signal(int.Parse(File.ReadAllText(ConfigurationFile(lab, node) + Pid), CultureInfo.InvariantCulture), UnixSignal.Terminate);

    private static string ConfigurationFile(BenchLab lab, LabHost node) => Path.Combine(lab.Laboratory.Directory, $"keepalived-{LabNames.Of(node)}.conf");

    /// <summary>The version of the program.</summary>
    public static async Task<string?> VersionAsync(BenchLab lab, CancellationToken cancellation)
    {
        var result = await lab.Laboratory.RunAsync(LabHost.Node1, ["keepalived", "--version"], cancellation: cancellation);
        return KeepalivedConfiguration.Version(result.Output + result.Error);
    }
}
