using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Lab.State;

/// <summary>A program of the appliance that the lab started.</summary>
/// <param name="Host">Where it runs.</param>
/// <param name="Program">Its name.</param>
/// <param name="Process">Its process.</param>
public sealed record DaemonRecord(LabHost Host, string Program, ProcessStamp Process);
