namespace Appliance.ControlPlane;

/// <summary>How the servers on a node are, as its agent sees them.</summary>
/// <param name="Ended">
/// Ports of protected services where the node's server has ended since it was last seen: bit <c>port mod 64</c> for each. What
/// counts is the difference between two nodes; a server that was stopped on both is nobody's failure.
/// </param>
/// <param name="Stalled">How long the servers have had input waiting without taking any; zero while they take it.</param>
/// <param name="IsFailing">A configured probe of a server failed for as long as it may.</param>
public readonly record struct ServerCondition(ulong Ended, TimeSpan Stalled, bool IsFailing)
{
    /// <summary>The bit of a port in <see cref="Ended"/>.</summary>
    public static ulong BitOf(int port) => 1UL << (port % 64);
}
