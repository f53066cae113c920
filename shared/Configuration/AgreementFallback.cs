namespace Appliance.Configuration;

/// <summary>What becomes of output on which nobody agrees in time, or for which there is nobody to agree.</summary>
public enum AgreementFallback
{
    /// <summary>It passes as the active node says it.</summary>
    Active,

    /// <summary>The client gets a reset.</summary>
    Reset,
}
