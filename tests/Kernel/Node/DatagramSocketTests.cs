using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Net;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Node;

/// <summary>Datagrams from the gateway and from the repair engine, as a real server receives them.</summary>
[TestClass]
public sealed class DatagramSocketTests
{
    private static NodeRig _rig = null!;

    public static IEnumerable<object[]> Families => Ends.Both.Select(e => new object[] { e.At(Services.OnlyUdp) });

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new NodeRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_server_receives_each_once_and_from_its_client(Ends ends) => WithServer(ends, (server, tap, lan) =>
    {
        Inject(tap, ends, 65_535, 1);
        Inject(tap, ends, 65_535, 1);
        Inject(tap, ends, 65_536, 2);
        Inject(tap, ends, 65_534, 3);
        SendCopy(lan, ends, 65_536, "datagram_duplicate");
        SendCopy(lan, ends, 65_537, "datagram_delivered");
        Inject(tap, ends, 65_537, 5);
        Inject(tap, ends, 65_538, ends.IsV6 ? 65_527 : 65_507);
        foreach (var length in new[] { 1, 2, 3, 4, ends.IsV6 ? 65_527 : 65_507 })
        {
            var received = new byte[65_536];
            EndPoint sender = new IPEndPoint(ends.Client.Address, 0);
            Assert.AreEqual(length, server.ReceiveFrom(received, ref sender));
            Assert.AreEqual(ends.Client, sender);
            CollectionAssert.AreEqual(Payload(length), received[..length]);
        }
        Assert.AreEqual(0, server.Available);
    });

    private static void Inject(TapDevice tap, Ends ends, uint number, int length)
    {
        var frame = new byte[ClientFrame.DatagramLength(ends.Key, length)];
        ClientFrame.WriteDatagram(frame, ends.Key, new MacAddress(tap.Mac.GetAddressBytes()), number, Payload(length));
        Assert.AreEqual(FrameOutcome.Accepted, tap.Write(frame, ClientFrame.TransportOffset(ends.Key), ClientFrame.UdpChecksumOffset));
    }

    private static void SendCopy(PacketSocket lan, Ends ends, uint number, string counter)
    {
        var before = _rig.Counters;
        Assert.AreEqual(FrameOutcome.Accepted, lan.Send(Copy(ends, number)));
        TapDeviceTests.Eventually(() => _rig.CountedSince(before).ContainsKey(counter), counter);
    }

    /// <summary>A copy of four bytes, with the checksum of its sender.</summary>
    private static byte[] Copy(Ends ends, uint number)
    {
        var packet = ends.FromClient().To(new MacAddress(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)).Udp().Payload(Payload(4)).Numbered(number);
        var frame = packet.ToBytes();
        var udp = frame.AsSpan(packet.TransportOffset);
        var pseudo = InternetChecksum.AddPseudoHeader(
            0, ends.Client.Address.GetAddressBytes(), ends.Service.Address.GetAddressBytes(), 17, udp.Length);
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], InternetChecksum.Fold(InternetChecksum.Add(pseudo, udp)));
        return frame;
    }

    private static byte[] Payload(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i + length))];

    private static void WithServer(Ends ends, Action<Socket, TapDevice, PacketSocket> test) => NetworkNamespaceScope.Run(() =>
    {
        _rig.Reset();
        using var netlink = new RtNetlink();
        Sysctl.Write("net.ipv4.conf.all.rp_filter", "0");
        Sysctl.Write("net.ipv4.conf.default.rp_filter", "0");
        netlink.AddAddress(1, ends.Service.Address, ends.Service.Address.GetAddressBytes().Length * 8);
        TapDeviceTests.Eventually(() => netlink.IsLocal(ends.Service.Address), "local route of the address");
        using var tap = TapDevice.Create("apltap%d", netlink);
        using var cable = new Cable();
        Sysctl.Write("net.ipv6.conf.lan.disable_ipv6", "0");
        _rig.State = NodeRig.Silent with { TapIfindex = (uint)tap.InterfaceIndex };
        using var tapHook = TcHook.Attach(_rig.Object, NodeRig.Ingress, tap.InterfaceIndex, TcDirection.Ingress);
        using var lanHook = TcHook.Attach(_rig.Object, NodeRig.Ingress, cable.Lan, TcDirection.Ingress);
        using var lan = PacketSocket.Open(cable.Far);
        using var server = new Socket(ends.Service.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 2000, ReceiveBufferSize = 1 << 20 };
        server.Bind(ends.Service);
        test(server, tap, lan);
    });
}
