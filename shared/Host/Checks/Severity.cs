namespace Appliance.Host.Checks;

/// <summary>What a finding means for a start.</summary>
public enum Severity
{
    /// <summary>As it has to be.</summary>
    Ok,

    /// <summary>The program would start, and do less than it could.</summary>
    Warning,

    /// <summary>The program would not start, or could not do its work.</summary>
    Error,
}
