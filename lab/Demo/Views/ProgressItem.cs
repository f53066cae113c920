namespace Appliance.Lab.Demo.Views;

/// <summary>One line of the present state of the traffic.</summary>
/// <param name="Label">What is counted.</param>
/// <param name="Text">The count, with its unit.</param>
/// <param name="Fraction">Share of the whole, 0 to 1; null when there is no whole.</param>
public sealed record ProgressItem(string Label, string Text, double? Fraction = null);
