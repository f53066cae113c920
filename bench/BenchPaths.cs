using Appliance.Lab.Daemons;

namespace Appliance.Bench;

/// <summary>Where programs, results and documents are.</summary>
public static class BenchPaths
{
    /// <summary>The program with the traffic commands.</summary>
    public static string TrafficProgram => Path.Combine(DaemonProgram.DefaultPrograms(), "Appliance.Lab", "release", "appliance-lab");

    /// <summary>Where the logs of labs go in which something was lost.</summary>
    public static string Failures => Path.Combine(Root, "artifacts", "bench-failures");

    /// <summary>The page with the results.</summary>
    public static string Docs => Path.Combine(Root, "docs", "benchmarks.md");

    /// <summary>The page of a bench's results: its own lies beside the one with the others'.</summary>
    public static string PageOf(IBench bench, string docs) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(docs))!, bench.Page ?? Path.GetFileName(docs));

    /// <summary>The root of the repository.</summary>
    public static string Root => Path.GetFullPath(Path.Combine(DaemonProgram.DefaultPrograms(), "..", ".."));
}
