using Appliance.Configuration;

namespace Appliance.Gateway.Recording;

/// <summary>Whose output reaches a service's clients.</summary>
/// <param name="Policy">As it is ordered now.</param>
/// <param name="Hot">Open connections whose clients hear several nodes.</param>
public readonly record struct OutputReading(OutputPolicy Policy, int Hot);
