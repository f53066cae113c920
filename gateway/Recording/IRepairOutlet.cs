using Appliance.RepairChannel;

namespace Appliance.Gateway.Recording;

/// <summary>The way to the nodes. Each call returns false when the node is not connected or takes no more for now.</summary>
public interface IRepairOutlet
{
    /// <summary>The epoch that the node obeyed at its last complete look; 0 before.</summary>
    ulong EpochOf(int node);

    /// <summary>Has the node connected, and reported all of its replicas since?</summary>
    bool IsSettled(int node);

    /// <summary>
    /// When the look at its replicas began that the node has reported last, or earlier, CLOCK_MONOTONIC nanoseconds of this
    /// host: what it had then is known here.
    /// </summary>
    ulong ScannedNs(int node);

    /// <summary>Does so much wait for the node that an answer had better end? One more piece is taken all the same.</summary>
    bool IsBusy(int node);

    bool Offer(int node, in FlowEntry offer);

    bool Tell(int node, in PositionEntry position);

    bool End(int node, in EndEntry end);

    bool Speak(int node, in VoiceEntry voice);

    bool Refuse(int node, in GoneEntry gone);

    bool Supply(int node, in BytesHeader header, ReadOnlySpan<byte> payload);

    bool Supply(int node, in DatagramHeader header, ReadOnlySpan<byte> payload);
}
