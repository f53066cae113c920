namespace Appliance.Net;

/// <summary>One received netlink message, borrowed from the receive buffer.</summary>
public readonly ref struct NetlinkMessage
{
    /// <summary>NLMSG_NOOP, the lowest type: to be skipped.</summary>
    public const ushort NoOperation = 1;

    /// <summary>NLMSG_ERROR: an errno, or with errno 0 the acknowledgement.</summary>
    public const ushort Error = 2;

    /// <summary>NLMSG_DONE: the end of a dump.</summary>
    public const ushort Done = 3;

    /// <summary><c>nlmsg_type</c>.</summary>
    public ushort Type { get; init; }

    /// <summary><c>nlmsg_flags</c>.</summary>
    public NetlinkFlags Flags { get; init; }

    /// <summary><c>nlmsg_seq</c>: the number of the request that this answers.</summary>
    public uint Sequence { get; init; }

    /// <summary>Everything after nlmsghdr.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }
}
