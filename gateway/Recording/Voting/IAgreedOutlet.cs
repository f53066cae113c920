using Appliance.Net;

namespace Appliance.Gateway.Recording.Voting;

/// <summary>Sends on what nodes have agreed on.</summary>
public interface IAgreedOutlet
{
    /// <summary>Sends a frame towards the client.</summary>
    /// <param name="frame">With room for <see cref="OffloadHeader.Length"/> bytes before the Ethernet header.</param>
    /// <param name="layout">Where what begins, counted from the Ethernet header.</param>
    /// <param name="segmentBytes">Bytes of payload of each segment that it is to be cut into.</param>
    /// <returns>False when it has to be tried again.</returns>
    bool Send(Span<byte> frame, in NodeSegment layout, int segmentBytes);
}
