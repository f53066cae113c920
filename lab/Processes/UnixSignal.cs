namespace Appliance.Lab.Processes;

/// <summary>The signals that the lab sends.</summary>
public enum UnixSignal
{
    /// <summary>Make way for a successor.</summary>
    HangUp = 1,

    /// <summary>End now; cannot be caught.</summary>
    Kill = 9,

    /// <summary>End in good order.</summary>
    Terminate = 15,

    /// <summary>Go on after a stop.</summary>
    Continue = 18,

    /// <summary>Stop; cannot be caught.</summary>
    Stop = 19,
}
