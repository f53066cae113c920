namespace Appliance.RepairChannel;

/// <summary>A replica's state; the values go over the wire.</summary>
[Flags]
public enum ProgressFlags : byte
{
    None = 0,

    /// <summary>The replica's stack has answered: the socket exists.</summary>
    Confirmed = 1,

    /// <summary>The replica's connection is over.</summary>
    Over = 2,

    /// <summary>The replica waits for output that does not come.</summary>
    Diverged = 4,

    /// <summary>No replica could be made.</summary>
    Refused = 8,

    /// <summary>The replica follows, and has said something else than its original.</summary>
    Differs = 16,

    /// <summary>The node has ended it, as no client may hear it: it is over, is never made anew, and its client is to be reset.</summary>
    Ended = 32,
}
