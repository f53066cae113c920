namespace Appliance.Gateway.Recording;

/// <summary>A service's connections at one moment.</summary>
/// <param name="Open">How many there are.</param>
/// <param name="Diverged">How many of them have a replica that has said something else.</param>
/// <param name="IsInAgreement">False: so many that none of the service's connections counts as protected.</param>
public sealed record ServiceReading(int Open, int Diverged, bool IsInAgreement);
