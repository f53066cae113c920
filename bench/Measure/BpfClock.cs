using System.Globalization;
using Appliance.Lab;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Measure;

/// <summary>
/// What the BPF programs of a lab's gateway and nodes have used of the processors, as the kernel counts it while kernel.bpf_stats_enabled
/// is set; every run costs some 50 ns more then. Disposing sets it back.
/// </summary>
public sealed class BpfClock : IDisposable
{
    private const string Setting = "/proc/sys/kernel/bpf_stats_enabled";
    private const string ProgramLink = "anon_inode:bpf-prog";
    private const string TimeField = "run_time_ns:";
    private const string IdField = "prog_id:";

    private readonly string _before;
    private readonly List<string> _programs;

    /// <summary>Lets the kernel count, for the programs that the lab's processes hold open now.</summary>
    public BpfClock(Laboratory laboratory)
    {
        _before = File.ReadAllText(Setting);
        File.WriteAllText(Setting, "1");
        _programs = [.. LabNames.Hosts.SelectMany(host => ProcessTable.InNamespace(NetworkNamespace.TryGetIdentity(laboratory.Namespace(host))))
            .Where(static process => LabProgram.IsAppliance(process.Command))
            .SelectMany(static process => ProgramsOf(process.Pid))
            .DistinctBy(static file => Field(file, IdField))];
    }

    /// <summary>Seconds of processor time since the programs were loaded, as far as it was counted.</summary>
    public double Seconds => _programs.Sum(static file => Field(file, TimeField)) / 1e9;

    /// <inheritdoc/>
    public void Dispose() => File.WriteAllText(Setting, _before);

    private static List<string> ProgramsOf(int pid) => [.. new DirectoryInfo($"/proc/{pid}/fd").EnumerateFileSystemInfos()
        .Where(static fd => string.Equals(fd.LinkTarget, ProgramLink, StringComparison.Ordinal))
        .Select(fd => $"/proc/{pid}/fdinfo/{fd.Name}")];

    private static double Field(string file, string name) => File.ReadLines(file)
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Select(line => double.Parse(line[name.Length..], CultureInfo.InvariantCulture))
        .Single();
}
