namespace Appliance.Gateway.Recording.Voting;

/// <summary>Output policy <c>agree</c>, since the start.</summary>
/// <param name="AgreedBytes">Bytes that all nodes had said alike before they went on.</param>
/// <param name="ReleasedBytes">Bytes that had been held back and went on as the active node said them.</param>
/// <param name="Differences">Connections whose nodes contradicted one another.</param>
/// <param name="Timeouts">Times that the active node had waited for the others for too long.</param>
/// <param name="Refused">Segments for which there was no room, or that were damaged.</param>
public readonly record struct AgreementStatus(long AgreedBytes, long ReleasedBytes, long Differences, long Timeouts, long Refused);
