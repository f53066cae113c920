namespace Appliance.Lab.Demo.Reports;

/// <summary>One step of a failover.</summary>
/// <param name="Text">What happened.</param>
/// <param name="Ms">When, in milliseconds after the fault.</param>
public sealed record TimelineStep(string Text, double Ms);
