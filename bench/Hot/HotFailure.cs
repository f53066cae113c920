namespace Appliance.Bench.Hot;

/// <summary>What fails.</summary>
public enum HotFailure
{
    /// <summary>The active node's machine dies.</summary>
    ActiveDies,

    /// <summary>The replica's machine dies.</summary>
    ReplicaDies,

    /// <summary>The active node's server is stopped for two seconds (SIGSTOP), and goes on.</summary>
    ActiveHangs,
}
