using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Demo.Workloads;

/// <summary>The same server on both nodes.</summary>
/// <param name="name">Its name, for its log files.</param>
internal sealed class ServerSet(string name)
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(3);

    private readonly Dictionary<LabHost, LabProcess> _processes = [];

    /// <summary>Starts the server on a node; one that still runs there is ended first.</summary>
    public async Task<LabProcess> StartAsync(Laboratory lab, LabHost node, IReadOnlyList<string> command)
    {
        await StopAsync(node);
        return _processes[node] = lab.StartProcess(node, command, LogFile(lab, node));
    }

    /// <summary>Ends the server on a node.</summary>
    public async Task StopAsync(LabHost node)
    {
        if (_processes.Remove(node, out var process))
        {
            await process.StopAsync(s_grace);
            process.Dispose();
        }
    }

    private string LogFile(Laboratory lab, LabHost node) => Path.Combine(lab.Directory, $"{LabNames.Of(node)}-{name}.log");
}
