namespace Appliance.Lab.Traffic.Client;

/// <summary>What the threads of a run are to do.</summary>
internal enum RunPhase
{
    /// <summary>Keep the traffic going.</summary>
    Running,

    /// <summary>Complete what has begun, then close in order.</summary>
    Finishing,

    /// <summary>Drop everything.</summary>
    Aborted,
}
