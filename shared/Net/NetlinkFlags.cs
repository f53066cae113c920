namespace Appliance.Net;

/// <summary><c>nlmsg_flags</c> of a netlink message (linux/netlink.h).</summary>
[Flags]
public enum NetlinkFlags : ushort
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>A request, as opposed to a notification or an answer.</summary>
    Request = 0x01,

    /// <summary>One of several messages of an answer that NLMSG_DONE ends.</summary>
    Multi = 0x02,

    /// <summary>Ask for an acknowledgement even when the request succeeds.</summary>
    Acknowledge = 0x04,

    /// <summary>The table changed while it was dumped: the answer may be inconsistent, ask again.</summary>
    DumpInterrupted = 0x10,

    /// <summary>Answer with all objects (NLM_F_ROOT | NLM_F_MATCH); for RTM_GET* only.</summary>
    Dump = 0x300,

    /// <summary>Replace an existing object; for RTM_NEW* only. In an error message the same bit means "request cut off".</summary>
    Replace = 0x100,

    /// <summary>Fail with EEXIST when the object exists; for RTM_NEW* only. In an error message: attributes follow.</summary>
    Exclusive = 0x200,

    /// <summary>Create the object when it does not exist; for RTM_NEW* only.</summary>
    Create = 0x400,
}
