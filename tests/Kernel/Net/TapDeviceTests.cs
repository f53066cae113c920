using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Appliance.Net;
using Appliance.Tests.Support;
using static Appliance.Tests.Kernel.Net.NetworkNamespaceScope;

namespace Appliance.Tests.Kernel.Net;

[TestClass]
public sealed class TapDeviceTests
{
    private const int UdpHeader = 8;
    private const int UdpChecksumOffset = 6;

    [TestMethod]
    public void It_is_up_by_a_name_of_the_pattern_and_vanishes_with_its_owner() => OnTap(static (netlink, tap) =>
    {
        Assert.AreEqual("apltap0", tap.Name, StringComparer.Ordinal);
        var link = netlink.FindLink(tap.Name)!;
        Assert.AreEqual((tap.InterfaceIndex, tap.Mac, true), (link.Index, link.Mac, link.IsUp));
        Assert.IsGreaterThanOrEqualTo(65_507, link.Mtu);
        Assert.IsEmpty(tap.Remedies);
        Assert.IsEmpty(netlink.Addresses(tap.InterfaceIndex)); // no link-local address made itself
        using (var second = TapDevice.Create("apltap%d", netlink))
        {
            Assert.AreEqual("apltap1", second.Name, StringComparer.Ordinal);
        }

        Assert.IsNull(netlink.FindLink("apltap1"));
    });

    [TestMethod]
    [DataRow("10.9.0.1", "10.9.0.2", 100)]
    [DataRow("10.9.0.1", "10.9.0.2", 65_507, DisplayName = "IPv4, the longest datagram there is")]
    [DataRow("2001:db8::1", "2001:db8::2", 100)]
    [DataRow("2001:db8::1", "2001:db8::2", 65_527, DisplayName = "IPv6, the longest datagram there is")]
    public void A_frame_with_a_wrong_checksum_is_received_as_verified(string to, string from, int length) => OnTap((netlink, tap) =>
    {
        var (destination, source) = (IPAddress.Parse(to), IPAddress.Parse(from));
        netlink.AddAddress(1, destination, destination.GetAddressBytes().Length * 8);
        Eventually(() => netlink.IsLocal(destination), "local route of the address");
        using var socket = new Socket(destination.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 2000 };
        socket.ReceiveBufferSize = 1 << 20;
        socket.Bind(new IPEndPoint(destination, 7000));
        var payload = new byte[length];
        new Random(length).NextBytes(payload);
        var (frame, transport) = UdpFrame(tap, source, destination, payload);

        Assert.AreEqual(FrameOutcome.Accepted, tap.Write(frame, transport, UdpChecksumOffset));
        var received = new byte[65_536];
        EndPoint sender = new IPEndPoint(source, 0);
        var count = socket.ReceiveFrom(received, ref sender);
        Assert.AreEqual(new IPEndPoint(source, 6000), sender);
        CollectionAssert.AreEqual(payload, received[..count]);
    });

    [TestMethod]
    public void A_client_whose_route_leads_elsewhere_passes() => Run(static () =>
    {
        using var netlink = new RtNetlink();
        Command("ip", "link add left type veth peer name right");
        netlink.SetLinkUp(netlink.FindLink("left")!.Index, up: true);
        netlink.SetLinkUp(netlink.FindLink("right")!.Index, up: true);
        Command("ip", "route add 10.9.0.2/32 dev left");
        netlink.AddAddress(1, IPAddress.Parse("10.9.0.1"), 32);
        Assert.AreEqual(SysctlStatus.Ok, Sysctl.Write("net.ipv4.conf.default.rp_filter", "1"));
        Assert.AreEqual(SysctlStatus.Ok, Sysctl.Write("net.ipv4.conf.all.rp_filter", "0"));
        using var tap = TapDevice.Create("tap.1", netlink);
        Assert.IsEmpty(tap.Remedies);

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 2000 };
        socket.Bind(new IPEndPoint(IPAddress.Parse("10.9.0.1"), 7000));
        var (frame, transport) = UdpFrame(tap, IPAddress.Parse("10.9.0.2"), IPAddress.Parse("10.9.0.1"), new byte[10]);
        Assert.AreEqual(FrameOutcome.Accepted, tap.Write(frame, transport, UdpChecksumOffset));
        Assert.AreEqual(10, socket.Receive(new byte[100]));
    });

    [TestMethod]
    [DataRow("1")]
    [DataRow("2")]
    public void A_reverse_path_filter_for_all_interfaces_stands_in_the_way(string filter) => Run(() =>
    {
        using var netlink = new RtNetlink();
        Assert.AreEqual(SysctlStatus.Ok, Sysctl.Write("net.ipv4.conf.all.rp_filter", filter));
        using var tap = TapDevice.Create("apltap%d", netlink);
        CollectionAssert.AreEqual(new[] { "set net.ipv4.conf.all.rp_filter=0" }, tap.Remedies.ToArray());
    });

    [TestMethod]
    public void A_tcp_syn_with_a_wrong_checksum_opens_a_connection() => OnTap(static (netlink, tap) =>
    {
        netlink.AddAddress(1, IPAddress.Parse("10.9.0.1"), 32);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Parse("10.9.0.1"), 7000));
        listener.Listen();
        netlink.ReplacePermanentNeighbour(tap.InterfaceIndex, IPAddress.Parse("10.9.0.2"), tap.Mac);
        Command("ip", $"route add 10.9.0.2/32 dev {tap.Name}"); // the SYN-ACK's way out, into nothing
        Span<byte> frame = stackalloc byte[14 + 20 + 20];
        WriteIpV4(frame, tap, IPAddress.Parse("10.9.0.2"), IPAddress.Parse("10.9.0.1"), ProtocolType.Tcp);
        var tcp = frame[34..];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, 6000);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], 7000);
        tcp[12] = 5 << 4;
        tcp[13] = 0x02; // SYN
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 65_535);
        tcp[16] = 0xba;
        Assert.AreEqual(FrameOutcome.Accepted, tap.Write(frame, 34, 16));
        Eventually(() => Command("ss", "-Htn state syn-recv").Contains("10.9.0.2:6000", StringComparison.Ordinal), "a half-open connection");
    });

    [TestMethod]
    public void What_the_stack_transmits_is_dropped_in_the_kernel() => OnTap(static (netlink, tap) =>
    {
        netlink.AddAddress(tap.InterfaceIndex, IPAddress.Parse("10.9.0.1"), 24);
        Command("ip", $"route add 10.9.0.0/24 dev {tap.Name}");
        netlink.ReplacePermanentNeighbour(tap.InterfaceIndex, IPAddress.Parse("10.9.0.2"), tap.Mac);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { SendTimeout = 2000 };
        for (var i = 0; i < 1000; i++)
        {
            socket.SendTo(new byte[1000], new IPEndPoint(IPAddress.Parse("10.9.0.2"), 9));
        }

        using var shown = JsonDocument.Parse(Command("ip", $"-j -s link show {tap.Name}"));
        var statistics = shown.RootElement[0].GetProperty("stats64").GetProperty("tx");
        Assert.AreEqual(0, statistics.GetProperty("packets").GetInt32());
        Assert.IsGreaterThanOrEqualTo(1000, statistics.GetProperty("dropped").GetInt32());
    });

    [TestMethod]
    public void Failures_are_told_apart() => OnTap(static (netlink, tap) =>
    {
        Assert.AreEqual(FrameOutcome.Rejected, tap.Write(new byte[13], 0, 0), "shorter than an Ethernet header");
        Assert.AreEqual(FrameOutcome.Rejected, tap.Write(new byte[60], 59, 16), "checksum outside the frame");
        netlink.SetLinkUp(tap.InterfaceIndex, up: false);
        Assert.AreEqual(FrameOutcome.DeviceDown, tap.Write(new byte[60], 34, 6));
        Assert.ThrowsExactly<IOException>(() => TapDevice.Create(tap.Name, netlink), "the name is taken");
        Assert.ThrowsExactly<ArgumentException>(() => TapDevice.Create("sixteen-letters-", netlink));
    });

    [TestMethod]
    public void Write_allocates_nothing() => OnTap(static (_, tap) =>
    {
        var (frame, transport) = UdpFrame(tap, IPAddress.Parse("10.9.0.2"), IPAddress.Parse("10.9.0.1"), new byte[1400]);
        Writes(1);
        Assert.AreEqual(0, AllocatedBytes.Of(() => Writes(100)));

        void Writes(int count)
        {
            for (var i = 0; i < count; i++)
            {
                tap.Write(frame, transport, UdpChecksumOffset);
            }
        }
    });

    internal static void Eventually(Func<bool> condition, string what)
    {
        var deadline = Environment.TickCount64 + 2000;
        while (!condition())
        {
            Assert.IsLessThan(deadline, Environment.TickCount64, $"No {what} within 2 s.");
            Thread.Yield();
        }
    }

    private static void OnTap(Action<RtNetlink, TapDevice> test) => Run(() =>
    {
        using var netlink = new RtNetlink();
        Assert.AreEqual(SysctlStatus.Ok, Sysctl.Write("net.ipv4.conf.all.rp_filter", "0"));
        using var tap = TapDevice.Create("apltap%d", netlink);
        test(netlink, tap);
    });

    private static (byte[] Frame, int Transport) UdpFrame(TapDevice tap, IPAddress source, IPAddress destination, byte[] payload)
    {
        var transport = source.AddressFamily == AddressFamily.InterNetwork ? 34 : 54;
        var frame = new byte[transport + UdpHeader + payload.Length];
        if (transport == 34)
        {
            WriteIpV4(frame, tap, source, destination, ProtocolType.Udp);
        }
        else
        {
            WriteIpV6(frame, tap, source, destination, ProtocolType.Udp);
        }

        var udp = frame.AsSpan(transport);
        BinaryPrimitives.WriteUInt16BigEndian(udp, 6000);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], 7000);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], 0xbad0); // wrong on purpose; 0 would mean "none"
        payload.CopyTo(udp[UdpHeader..]);
        return (frame, transport);
    }

    private static void WriteIpV4(Span<byte> frame, TapDevice tap, IPAddress source, IPAddress destination, ProtocolType protocol)
    {
        WriteEthernet(frame, tap, 0x0800);
        var ip = frame[14..];
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
        ip[8] = 64;
        ip[9] = (byte)protocol;
        source.TryWriteBytes(ip[12..], out _);
        destination.TryWriteBytes(ip[16..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.Compute(ip[..20]));
    }

    private static void WriteIpV6(Span<byte> frame, TapDevice tap, IPAddress source, IPAddress destination, ProtocolType protocol)
    {
        WriteEthernet(frame, tap, 0x86dd);
        var ip = frame[14..];
        ip[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)(ip.Length - 40));
        ip[6] = (byte)protocol;
        ip[7] = 64;
        source.TryWriteBytes(ip[8..], out _);
        destination.TryWriteBytes(ip[24..], out _);
    }

    private static void WriteEthernet(Span<byte> frame, TapDevice tap, ushort type)
    {
        tap.Mac.GetAddressBytes().CopyTo(frame);
        frame[6] = 0x02;
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], type);
    }
}
