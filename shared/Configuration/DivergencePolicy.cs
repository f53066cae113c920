namespace Appliance.Configuration;

/// <summary>What becomes, at a takeover, of connections whose replica has said something else than its original.</summary>
public enum DivergencePolicy
{
    /// <summary>Their clients get a reset, and connect anew to a server that answers.</summary>
    Reset,

    /// <summary>They go on; the service's owner takes the risk.</summary>
    Carry,
}
