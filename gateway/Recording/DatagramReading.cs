namespace Appliance.Gateway.Recording;

/// <summary>How replicas answer datagrams, at one moment.</summary>
/// <param name="Compared">Clients' ends of late whose datagrams both an active node and a replica have answered.</param>
/// <param name="Diverged">Of these, the ones that were answered in two ways.</param>
/// <param name="IsInAgreement">False: so many that the servers count as not alike.</param>
public sealed record DatagramReading(int Compared, int Diverged, bool IsInAgreement);
