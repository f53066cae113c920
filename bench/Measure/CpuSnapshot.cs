using Appliance.Lab;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Measure;

/// <summary>CPU time so far of every process in a lab, and of the machine.</summary>
/// <param name="Processes">By host, process id and the program's short name.</param>
/// <param name="Machine">The machine.</param>
public sealed record CpuSnapshot(IReadOnlyDictionary<(LabHost Host, int Pid, string Program), ProcessCpu> Processes, SystemCpu Machine)
{
    /// <summary>Reads it now.</summary>
    public static CpuSnapshot Take(Laboratory laboratory)
    {
        var processes = new Dictionary<(LabHost, int, string), ProcessCpu>();
        foreach (var host in LabNames.Hosts)
        {
            foreach (var entry in ProcessTable.InNamespace(NetworkNamespace.TryGetIdentity(laboratory.Namespace(host))))
            {
                if (TryRead(entry.Pid) is { } cpu)
                {
                    processes[(host, entry.Pid, entry.Command)] = cpu;
                }
            }
        }

        _ = SystemCpu.TryParse(File.ReadAllText("/proc/stat"), out var machine);
        return new CpuSnapshot(processes, machine);
    }

    /// <summary>
    /// CPU seconds since an earlier snapshot of the processes on a host that still run. Programs of the appliance's node
    /// and gateway are called <c>appliance-…</c>; so is the traffic server, <c>appliance-lab</c>.
    /// </summary>
    public double SecondsSince(CpuSnapshot earlier, LabHost host, Func<string, bool> program) => Processes
        .Where(process => process.Key.Host == host && program(process.Key.Program))
        .Sum(process => process.Value.Since(earlier.Processes.GetValueOrDefault(process.Key)).Seconds);

    private static ProcessCpu? TryRead(int pid)
    {
        try
        {
            return ProcessCpu.TryParse(File.ReadAllText($"/proc/{pid}/stat"), out var cpu) ? cpu : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
