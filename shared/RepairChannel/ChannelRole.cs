namespace Appliance.RepairChannel;

/// <summary>An end of the channel; the values go over the wire.</summary>
public enum ChannelRole : byte
{
    /// <summary>The node, which connects.</summary>
    Node = 1,

    /// <summary>The gateway, which listens.</summary>
    Gateway = 2,
}
