namespace Appliance.Datagrams;

/// <summary>A datagram of a window.</summary>
/// <param name="Payload">Valid until the window changes.</param>
/// <param name="RecordedNs">CLOCK_MONOTONIC nanoseconds when the gateway recorded it.</param>
/// <param name="Active">Index of the node that held the service then, and received the datagram itself.</param>
public readonly record struct RecordedDatagram(ReadOnlyMemory<byte> Payload, ulong RecordedNs, int Active);
