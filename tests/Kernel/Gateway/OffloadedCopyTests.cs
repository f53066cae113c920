using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>Offloaded datagrams on a device that cannot cut them, so that the kernel does.</summary>
[TestClass]
public sealed class OffloadedCopyTests
{
    private const int Size = 500;

    private static GatewayRig _rig = null!;

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new GatewayRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    public void Numbers_count_on_over_IPv4() => Send(Ends.V4, 0xfffe, [0xfffe, 0xffff, 0, 1]);

    /// <summary>A replica takes the last three for repetitions, and the repair engine brings them.</summary>
    [TestMethod]
    public void The_first_number_stands_on_all_over_IPv6() => Send(Ends.V6, 7, [7, 7, 7, 7]);

    private static void Send(Ends family, uint first, ushort[] numbers) => NetworkNamespaceScope.Run(() =>
    {
        var ends = family.At(Services.OnlyUdp);
        _rig.Reset();
        using var cable = new Cable();
        NetworkNamespaceScope.Command("ethtool", "-K lan tx-udp-segmentation off");
        _rig.Assign(new Assignment(7, -1, 0b10), cable.Lan);
        _rig.Datagrams.Set(ends.Key, new DatagramSource { Next = first });
        using var hook = TcHook.Attach(_rig.Object, GatewayRig.Egress, cable.Lan, TcDirection.Egress);
        using var listener = new FrameListener(cable.Far);
        using var sender = new OffloadedSender(cable.Lan);
        var packet = ends.FromClient().Udp().Payload((3 * Size) + 1);

        Assert.IsFalse(sender.Send(packet, ends.IsV6, Size), "nobody holds the service");
        var payload = packet.Content.ToArray();
        listener.AssertReceivedIgnoring(packet.TransportOffset + 6, 2, [.. numbers.Select((n, i) =>
            packet.To(Scene.Node1).Numbered(n).Payload(payload[(i * Size)..Math.Min((i + 1) * Size, payload.Length)]).ToBytes())]);
        CollectionAssert.AreEqual(
            Enumerable.Range(0, 4).Select(i => first + (uint)i).ToArray(), _rig.TakeRecords().Select(r => r.Seq).ToArray());
    });
}
