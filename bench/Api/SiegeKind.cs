namespace Appliance.Bench.Api;

/// <summary>What strangers do meanwhile.</summary>
public enum SiegeKind
{
    /// <summary>There are none.</summary>
    Peace,

    /// <summary>They knock where nobody listens: what they cost the machine that they share.</summary>
    Knocking,

    /// <summary>They sit on the interface.</summary>
    Siege,
}
