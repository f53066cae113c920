namespace Appliance.Tests.Unit.Simulation;

/// <summary>A property did not hold. The message tells which, in which run, and what led to it.</summary>
internal sealed class SimulationViolationException(string message) : Exception(message);
