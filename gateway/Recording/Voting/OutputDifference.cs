namespace Appliance.Gateway.Recording.Voting;

/// <summary>Where two nodes contradict one another.</summary>
/// <param name="Sequence">Sequence number of the first byte that differs, host byte order.</param>
/// <param name="Offset">Bytes between what the client was given and that byte.</param>
/// <param name="Node">Index of one node.</param>
/// <param name="Bytes">What it says from there on; empty for the end of the stream.</param>
/// <param name="Other">Index of the other.</param>
/// <param name="OtherBytes">What that one says.</param>
public sealed record OutputDifference(uint Sequence, long Offset, int Node, byte[] Bytes, int Other, byte[] OtherBytes)
{
    /// <summary>Most bytes that are told of either.</summary>
    public const int MostBytes = 16;
}
