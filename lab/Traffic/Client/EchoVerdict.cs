namespace Appliance.Lab.Traffic.Client;

/// <summary>What became readable on an echo connection.</summary>
internal enum EchoVerdict
{
    /// <summary>A part of the echo, or nothing.</summary>
    Incomplete,

    /// <summary>The last byte of the echo.</summary>
    Complete,

    /// <summary>Bytes that were never sent, or in the wrong place.</summary>
    Corrupted,

    /// <summary>The end of the stream.</summary>
    ClosedByPeer,

    /// <summary>An error of the connection.</summary>
    Reset,
}
