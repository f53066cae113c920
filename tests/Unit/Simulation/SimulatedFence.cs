using Appliance.ControlPlane;

namespace Appliance.Tests.Unit.Simulation;

/// <summary>
/// The word that the gateway's programs read (bpf/gateway_ingress.bpf.c): what is sourced from a service's address passes
/// from the active node only. It outlives the gateway's process, not its machine.
/// </summary>
internal sealed class SimulatedFence(SimulationRun simulation)
{
    private ulong _word = Assignment.None.Word;

    /// <summary>Does the machine forward at all?</summary>
    public bool IsForwarding { get; set; } = true;

    /// <summary>The assignment in force.</summary>
    public Assignment Assignment => Assignment.FromWord(_word);

    /// <summary>The programs are gone, or new.</summary>
    public void Reset() => _word = Assignment.None.Word;

    /// <summary>Turns the fence in one store.</summary>
    public void Apply(in Assignment assignment)
    {
        _word = assignment.Word;
        simulation.Monitor.OnFence(assignment);
    }

    /// <summary>Do segments of a node reach clients?</summary>
    public bool Passes(int node)
    {
        if (!IsForwarding)
        {
            return false;
        }
        var assignment = Assignment;
        return assignment.Active == node || (simulation.Mutation == Mutation.OpenFence && assignment.IsReplica(node));
    }
}
