namespace Appliance.Gateway.Recording.Voting;

/// <summary>Output policy <c>agree</c>, since the start.</summary>
/// <param name="AgreedBytes">Bytes that all nodes had said alike before they went on.</param>
/// <param name="ReleasedBytes">Bytes that had been held back and went on as the active node said them.</param>
/// <param name="Differences">Connections whose nodes contradicted one another.</param>
/// <param name="Timeouts">Times that the active node had waited for the others for too long.</param>
/// <param name="Refused">Segments for which there was no room, or that were damaged.</param>
/// <param name="Waiting">Connections of which something waits now.</param>
/// <param name="Unsent">Times that the kernel did not take what was to go on.</param>
public readonly record struct AgreementStatus(long AgreedBytes, long ReleasedBytes, long Differences, long Timeouts, long Refused, int Waiting, long Unsent);
