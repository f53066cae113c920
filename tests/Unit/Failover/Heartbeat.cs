using Appliance.ControlPlane;

namespace Appliance.Tests.Unit.Failover;

/// <summary>Heartbeats as the coordinator takes them in.</summary>
internal static class Heartbeat
{
    public static Message Of(NodeRole role, ulong epoch = 0) => new()
    {
        Kind = MessageKind.Heartbeat, Node = string.Empty, Role = role, Epoch = epoch, Instance = 1, Sequence = 1, SentNs = 1,
    };
}
