namespace Appliance.Host.Checks;

/// <summary>What was found out about one thing.</summary>
/// <param name="Subject">The setting or the part of the machine.</param>
/// <param name="Severity">What it means.</param>
/// <param name="Text">What is the matter, and what to do; or what is well.</param>
public sealed record Finding(string Subject, Severity Severity, string Text);
