namespace Appliance.Gateway.Recording;

/// <summary>How the recorder is doing with datagrams.</summary>
/// <param name="Flows">Clients' ends that have sent datagrams lately.</param>
/// <param name="HeldBytes">Memory of the datagrams that a replica has not confirmed.</param>
/// <param name="Recorded">Datagrams that were kept for a replica.</param>
/// <param name="Repaired">Datagrams that were sent to a node because it lacked them.</param>
/// <param name="Repeated">Of these, the ones that were sent again for want of a confirmation.</param>
/// <param name="Compared">Of the clients' ends, the ones that both the active node and a replica have answered.</param>
/// <param name="Diverged">Of these, the ones that were answered in two ways.</param>
/// <param name="Divergences">How often one began to be, since the start.</param>
public sealed record DatagramStatus(int Flows, long HeldBytes, long Recorded, long Repaired, long Repeated, int Compared, int Diverged, long Divergences);
