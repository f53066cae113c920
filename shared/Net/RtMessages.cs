using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Appliance.Net;

/// <summary>
/// The bytes of the rtnetlink requests this product makes: pure functions into the caller's buffer, of which
/// <see cref="BufferLength"/> bytes always suffice. Sequence numbers are left 0.
/// </summary>
public static class RtMessages
{
    /// <summary>Enough bytes for any request built here.</summary>
    public const int BufferLength = 128;

    private const NetlinkFlags Plain = NetlinkFlags.Request | NetlinkFlags.Acknowledge;
    private const NetlinkFlags CreateNew = Plain | NetlinkFlags.Create | NetlinkFlags.Exclusive;
    private const NetlinkFlags CreateOrReplace = Plain | NetlinkFlags.Create | NetlinkFlags.Replace;

    /// <summary>Asks for all interfaces.</summary>
    public static Span<byte> DumpLinks(Span<byte> buffer) =>
        Link(buffer, RtConstants.RTM_GETLINK, NetlinkFlags.Request | NetlinkFlags.Dump, 0, 0, 0).Finish();

    /// <summary>Asks for one interface by name, at most 15 bytes of UTF-8.</summary>
    public static Span<byte> GetLink(Span<byte> buffer, string name)
    {
        var writer = Link(buffer, RtConstants.RTM_GETLINK, Plain, 0, 0, 0);
        Span<byte> text = stackalloc byte[16];
        text.Clear();
        var length = Encoding.UTF8.GetBytes(name, text[..15]);
        writer.Attribute(RtConstants.IFLA_IFNAME, text[..(length + 1)]);
        return writer.Finish();
    }

    /// <summary>Sets the administrative state of an interface.</summary>
    public static Span<byte> SetLinkUp(Span<byte> buffer, int interfaceIndex, bool up) =>
        Link(buffer, RtConstants.RTM_SETLINK, Plain, interfaceIndex, up ? RtConstants.IFF_UP : 0, RtConstants.IFF_UP).Finish();

    /// <summary>Sets the MTU of an interface, in bytes.</summary>
    public static Span<byte> SetLinkMtu(Span<byte> buffer, int interfaceIndex, int mtu)
    {
        var writer = Link(buffer, RtConstants.RTM_SETLINK, Plain, interfaceIndex, 0, 0);
        writer.Attribute(RtConstants.IFLA_MTU, (uint)mtu);
        return writer.Finish();
    }

    /// <summary>Asks for the addresses of one interface (filtered by kernels with strict checking, all of them otherwise).</summary>
    public static Span<byte> DumpAddresses(Span<byte> buffer, int interfaceIndex) =>
        Address(buffer, RtConstants.RTM_GETADDR, NetlinkFlags.Request | NetlinkFlags.Dump, 0, interfaceIndex, 0).Finish();

    /// <summary>Adds an address with no route to its prefix and, for IPv6, no duplicate address detection.</summary>
    public static Span<byte> AddAddress(Span<byte> buffer, int interfaceIndex, IPAddress address, int prefixLength)
    {
        var writer = Address(buffer, RtConstants.RTM_NEWADDR, CreateNew, Family(address), interfaceIndex, prefixLength);
        writer.Attribute(RtConstants.IFA_LOCAL, address);
        writer.Attribute(RtConstants.IFA_ADDRESS, address);
        var flags = address.AddressFamily == AddressFamily.InterNetworkV6
            ? AddressFlags.NoPrefixRoute | AddressFlags.NoDuplicateDetection
            : AddressFlags.NoPrefixRoute;
        writer.Attribute(RtConstants.IFA_FLAGS, (uint)flags);
        return writer.Finish();
    }

    /// <summary>Removes an address.</summary>
    public static Span<byte> RemoveAddress(Span<byte> buffer, int interfaceIndex, IPAddress address, int prefixLength)
    {
        var writer = Address(buffer, RtConstants.RTM_DELADDR, Plain, Family(address), interfaceIndex, prefixLength);
        writer.Attribute(RtConstants.IFA_LOCAL, address);
        writer.Attribute(RtConstants.IFA_ADDRESS, address);
        return writer.Finish();
    }

    /// <summary>Creates or replaces a neighbour entry that is never probed and never expires. The MAC has 6 bytes.</summary>
    public static Span<byte> ReplacePermanentNeighbour(
        Span<byte> buffer, int interfaceIndex, IPAddress address, ReadOnlySpan<byte> mac)
    {
        var writer = Neighbour(
            buffer, RtConstants.RTM_NEWNEIGH, CreateOrReplace, interfaceIndex, address, RtConstants.NUD_PERMANENT);
        writer.Attribute(RtConstants.NDA_LLADDR, mac);
        return writer.Finish();
    }

    /// <summary>Removes a neighbour entry.</summary>
    public static Span<byte> RemoveNeighbour(Span<byte> buffer, int interfaceIndex, IPAddress address) =>
        Neighbour(buffer, RtConstants.RTM_DELNEIGH, Plain, interfaceIndex, address, 0).Finish();

    /// <summary>Asks for one neighbour entry.</summary>
    public static Span<byte> GetNeighbour(Span<byte> buffer, int interfaceIndex, IPAddress address) =>
        Neighbour(buffer, RtConstants.RTM_GETNEIGH, Plain, interfaceIndex, address, 0).Finish();

    /// <summary>
    /// Creates or replaces a table's default route, like <c>ip route replace default via G dev I rto_min 5ms table T</c>.
    /// </summary>
    /// <param name="buffer">Where the request goes.</param>
    /// <param name="table">Routing table id, above 0.</param>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="interfaceIndex">Outgoing interface.</param>
    /// <param name="gateway">Next hop, of the same family.</param>
    /// <param name="rtoMin">
    /// Least retransmission time-out of TCP on this route, rounded up to whole milliseconds (tcp_rto_min() in tcp_input.c); it
    /// counts only while its RTAX_LOCK bit is set. Null leaves the kernel's own.
    /// </param>
    public static Span<byte> ReplaceDefaultRoute(
        Span<byte> buffer, int table, AddressFamily family, int interfaceIndex, IPAddress gateway, TimeSpan? rtoMin)
    {
        var writer = DefaultRoute(buffer, RtConstants.RTM_NEWROUTE, CreateOrReplace, family, table);
        writer.Attribute(RtConstants.RTA_GATEWAY, gateway);
        writer.Attribute(RtConstants.RTA_OIF, (uint)interfaceIndex);
        if (rtoMin is { } time)
        {
            var metrics = writer.BeginNested(RtConstants.RTA_METRICS);
            writer.Attribute(RtConstants.RTAX_LOCK, 1u << RtConstants.RTAX_RTO_MIN);
            writer.Attribute(RtConstants.RTAX_RTO_MIN, (uint)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 1, uint.MaxValue));
            writer.EndNested(metrics);
        }

        return writer.Finish();
    }

    /// <summary>Removes a table's default route, whatever its gateway.</summary>
    public static Span<byte> RemoveDefaultRoute(Span<byte> buffer, int table, AddressFamily family) =>
        DefaultRoute(buffer, RtConstants.RTM_DELROUTE, Plain, family, table).Finish();

    /// <summary>Asks which route a packet to <paramref name="destination"/> would take.</summary>
    public static Span<byte> GetRoute(Span<byte> buffer, IPAddress destination)
    {
        var writer = new NetlinkMessageWriter(buffer, RtConstants.RTM_GETROUTE, Plain);
        var header = writer.Reserve(RtConstants.RouteLength);
        header[0] = Family(destination);
        header[1] = destination.AddressFamily == AddressFamily.InterNetwork ? (byte)32 : (byte)128;
        writer.Attribute(RtConstants.RTA_DST, destination);
        return writer.Finish();
    }

    /// <summary>Adds the rule <c>priority P from F/n lookup T</c>.</summary>
    public static Span<byte> AddRule(Span<byte> buffer, int priority, IPAddress from, int prefixLength, int table) =>
        Rule(buffer, RtConstants.RTM_NEWRULE, CreateNew, priority, from, prefixLength, table);

    /// <summary>Removes the rule that <see cref="AddRule"/> adds.</summary>
    public static Span<byte> RemoveRule(Span<byte> buffer, int priority, IPAddress from, int prefixLength, int table) =>
        Rule(buffer, RtConstants.RTM_DELRULE, Plain, priority, from, prefixLength, table);

    private static byte Family(IPAddress address) => Family(address.AddressFamily);

    private static byte Family(AddressFamily family) => family switch
    {
        AddressFamily.InterNetwork => LibC.AF_INET,
        AddressFamily.InterNetworkV6 => LibC.AF_INET6,
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "Only IPv4 and IPv6 are routed."),
    };

    /// <summary>struct ifinfomsg: u8 family, u8 pad, u16 type, s32 index, u32 flags, u32 mask of the flags to change.</summary>
    private static NetlinkMessageWriter Link(
        Span<byte> buffer, ushort type, NetlinkFlags flags, int interfaceIndex, uint linkFlags, uint change)
    {
        var writer = new NetlinkMessageWriter(buffer, type, flags);
        var header = writer.Reserve(RtConstants.IfInfoLength);
        MemoryMarshal.Write(header[4..], interfaceIndex);
        MemoryMarshal.Write(header[8..], linkFlags);
        MemoryMarshal.Write(header[12..], change);
        return writer;
    }

    /// <summary>struct ifaddrmsg: u8 family, u8 prefix length, u8 flags, u8 scope (0 is global), u32 index.</summary>
    private static NetlinkMessageWriter Address(
        Span<byte> buffer, ushort type, NetlinkFlags flags, byte family, int interfaceIndex, int prefixLength)
    {
        var writer = new NetlinkMessageWriter(buffer, type, flags);
        var header = writer.Reserve(RtConstants.IfAddrLength);
        header[0] = family;
        header[1] = (byte)prefixLength;
        MemoryMarshal.Write(header[4..], interfaceIndex);
        return writer;
    }

    /// <summary>struct ndmsg: u8 family, u8 and u16 pad, s32 index, u16 state, u8 flags, u8 type; then NDA_DST.</summary>
    private static NetlinkMessageWriter Neighbour(
        Span<byte> buffer, ushort type, NetlinkFlags flags, int interfaceIndex, IPAddress address, ushort state)
    {
        var writer = new NetlinkMessageWriter(buffer, type, flags);
        var header = writer.Reserve(RtConstants.NeighbourLength);
        header[0] = Family(address);
        MemoryMarshal.Write(header[4..], interfaceIndex);
        MemoryMarshal.Write(header[8..], state);
        writer.Attribute(RtConstants.NDA_DST, address);
        return writer;
    }

    /// <summary>
    /// struct rtmsg: u8 family, u8 destination and u8 source prefix length, u8 tos, u8 table, u8 protocol, u8 scope, u8 type,
    /// u32 flags; then RTA_TABLE, as ids above 255 do not fit the header. A removal matches any protocol, scope and type.
    /// </summary>
    private static NetlinkMessageWriter DefaultRoute(
        Span<byte> buffer, ushort type, NetlinkFlags flags, AddressFamily family, int table)
    {
        var writer = new NetlinkMessageWriter(buffer, type, flags);
        var header = writer.Reserve(RtConstants.RouteLength);
        header[0] = Family(family);
        header[4] = RtConstants.RT_TABLE_UNSPEC;
        if (type == RtConstants.RTM_NEWROUTE)
        {
            header[5] = RtConstants.RTPROT_STATIC;
            header[7] = RtConstants.RTN_UNICAST;
        }
        else
        {
            header[6] = RtConstants.RT_SCOPE_NOWHERE;
        }

        writer.Attribute(RtConstants.RTA_TABLE, (uint)table);
        return writer;
    }

    /// <summary>
    /// struct fib_rule_hdr: u8 family, u8 destination and u8 source prefix length, u8 tos, u8 table, two reserved, u8 action,
    /// u32 flags; then the attributes.
    /// </summary>
    private static Span<byte> Rule(
        Span<byte> buffer, ushort type, NetlinkFlags flags, int priority, IPAddress from, int prefixLength, int table)
    {
        var writer = new NetlinkMessageWriter(buffer, type, flags);
        var header = writer.Reserve(12);
        header[0] = Family(from);
        header[2] = (byte)prefixLength;
        header[7] = RtConstants.FR_ACT_TO_TBL;
        writer.Attribute(RtConstants.FRA_SRC, from);
        writer.Attribute(RtConstants.FRA_PRIORITY, (uint)priority);
        writer.Attribute(RtConstants.FRA_TABLE, (uint)table);
        return writer.Finish();
    }
}
