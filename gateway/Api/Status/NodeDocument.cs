using Appliance.ControlPlane;
using Appliance.Gateway.DataPath;

namespace Appliance.Gateway.Api.Status;

/// <summary>One node in <see cref="StatusDocument"/>.</summary>
/// <param name="Role">active, replica, syncing (alive, but not yet in the epoch), drained (alive, and an operator keeps it out) or down.</param>
/// <param name="Drained">An operator keeps it out.</param>
/// <param name="LastHeardMs">Milliseconds since its last heartbeat; null when it was never heard.</param>
/// <param name="DetectionTimeoutMs">How long it may be silent now before it is suspected; 0 when it was never heard.</param>
/// <param name="Deaf">It is heard and does not hear: the way to it is cut.</param>
/// <param name="ServerEnded">A server that the node had has ended.</param>
/// <param name="ServerFailing">A configured probe of its servers fails.</param>
/// <param name="ServerStalledMs">Milliseconds for which its servers have left all input unread; 0 while they read.</param>
/// <param name="Lead">By how much it was first with what clients were given that hear several nodes.</param>
/// <param name="Flows">How its replicated flows are doing.</param>
public sealed record NodeDocument(string Name, string Address, string Role, bool Drained, ulong Epoch, double? LastHeardMs, double DetectionTimeoutMs, string Mac, bool Deaf, bool ServerEnded, bool ServerFailing, double ServerStalledMs, LeadReading Lead, FlowSummary Flows);
