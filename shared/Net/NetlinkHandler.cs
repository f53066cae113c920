namespace Appliance.Net;

/// <summary>Receives one message of an answer; the payload is borrowed and valid only during the call.</summary>
/// <param name="state">The caller's state, passed through so that handlers can be static and allocate nothing.</param>
/// <param name="type"><c>nlmsg_type</c>.</param>
/// <param name="payload">The bytes after nlmsghdr.</param>
public delegate void NetlinkHandler<TState>(ref TState state, ushort type, ReadOnlySpan<byte> payload);
