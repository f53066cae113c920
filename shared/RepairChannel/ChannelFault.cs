namespace Appliance.RepairChannel;

/// <summary>Why a session ended.</summary>
public enum ChannelFault
{
    None,

    /// <summary>The peer closed the connection.</summary>
    Closed,

    /// <summary>The kernel gave the connection up: nobody there, nobody listening, no way.</summary>
    Unreachable,

    /// <summary>The hello, or a frame that had begun, was not complete in time.</summary>
    Timeout,

    /// <summary>The peer speaks something else.</summary>
    Foreign,

    /// <summary>The peer speaks another version of the protocol.</summary>
    Version,

    /// <summary>The peer claims to be what this end is.</summary>
    Role,

    /// <summary>The peer does not know the secret, or its hello was altered on the way.</summary>
    Secret,

    /// <summary>A frame was altered on the way.</summary>
    Forged,

    /// <summary>A frame came twice, or not in its turn.</summary>
    Replayed,

    /// <summary>A frame says that it is longer than any may be.</summary>
    Oversize,

    /// <summary>An authentic frame that is none of this version's, not for this direction, or of a wrong length.</summary>
    Content,

    /// <summary>Too many unknown peers at once: this one waited longest.</summary>
    Crowded,
}
