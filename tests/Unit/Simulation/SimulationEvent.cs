namespace Appliance.Tests.Unit.Simulation;

/// <summary>Something that is due.</summary>
/// <param name="AtNs">When, on the virtual clock.</param>
/// <param name="Order">Tells events of one instant apart: the earlier planned comes first.</param>
/// <param name="Kind">What.</param>
/// <param name="Subject">Whom or what it concerns.</param>
/// <param name="Detail">Further data, by kind.</param>
internal readonly record struct SimulationEvent(ulong AtNs, ulong Order, EventKind Kind, int Subject, int Detail);
