using Appliance.Lab.Topology;

namespace Appliance.Bench.Footprint;

/// <summary>The memory of one host's program without connections and with many.</summary>
/// <param name="Host">The host.</param>
/// <param name="Program">The program.</param>
/// <param name="Flows">How many connections.</param>
/// <param name="Empty">Without them.</param>
/// <param name="Full">With them.</param>
public sealed record MemoryResult(LabHost Host, string Program, int Flows, ProgramMemory Empty, ProgramMemory Full)
{
    /// <summary>Kernel memory for maps that each connection added, in bytes.</summary>
    public double BytesPerFlow => (double)(Full.MapBytes - Empty.MapBytes) / Flows;
}
