namespace Appliance.Bpf.Layout;

/// <summary>enum delivery: how user space delivers what clients send to one service, where it does.</summary>
[Flags]
public enum DeliveryFlags : uint
{
    None = 0,

    /// <summary>To a replica, in the order in which it passed the gateway.</summary>
    Ordered = 1,

    /// <summary>To either node, one at a time; to a replica in the order in which the active node has answered.</summary>
    Serial = 2,
    All = Ordered | Serial,
}
