using System.Text;
using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>Packets of offloading, which only a real device has: recorded whole, in pieces where they are longer than any record.</summary>
[TestClass]
public sealed class OffloadedRecordingTests
{
    private const int Largest = 66_560;

    private static GatewayRig _rig = null!;

    public static IEnumerable<object[]> Sizes =>
        from ends in Ends.Both
        from size in new[]
        {
            4608, 4609, 9216, 9217, 18_432, 18_433, 33_280, 33_281, 49_664, 49_665, Largest, Largest + 1, 2 * Largest, (2 * Largest) + 1, 500_000,
        }
        select new object[] { ends, size };

    public static IEnumerable<object[]> Families => Ends.Both.Select(e => new object[] { e });

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new GatewayRig(1 << 20);

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Sizes))]
    internal void Every_byte_is_recorded_in_order_and_the_FIN_last(Ends ends, int size) => OnCable(ends, sender =>
    {
        var packet = ends.FromClient().Seq(1001).Ack(5001).Payload(size).Fin().IPLength(0);
        Assert.IsTrue(sender.Send(packet, ends.IsV6));

        var content = new StringBuilder();
        var records = _rig.TakeRecords();
        foreach (var record in records)
        {
            Assert.AreEqual(1001u + ((uint)content.Length / 2), record.Seq);
            content.Append(record.Payload);
            var isLast = content.Length / 2 == size;
            Assert.AreEqual(isLast ? TcpFlags.Ack | TcpFlags.Fin : TcpFlags.Ack, record.Flags);
            Assert.AreEqual((RecordKind.Data, ends.Key, Given.ClientIsn, 5001u, 0u), (record.Kind, record.Key, record.ClientIsn, record.Ack, record.Active));
            Assert.AreEqual(Owed.Nothing, record.Owed);
        }
        Assert.HasCount((size + Largest - 1) / Largest, records);
        Assert.AreEqual(Convert.ToHexStringLower(packet.Content), content.ToString());
        Assert.IsTrue(_rig.Flows.TryGet(ends.Key, out var flow));
        Assert.AreEqual((1002u + (uint)size, (ulong)size, FlowFlags.ClientFin), (flow.ClientNext, flow.ClientBytes, flow.Flags));
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_packet_that_finds_room_only_in_part_does_not_pass(Ends ends) => OnCable(ends, sender =>
    {
        var packet = ends.FromClient().Seq(1001).Ack(5001).Payload(500_000).IPLength(0);
        Assert.IsTrue(sender.Send(packet, ends.IsV6));
        Assert.IsTrue(sender.Send(packet.Seq(501_001), ends.IsV6));
        var before = _rig.Counters;
        Assert.IsFalse(sender.Send(packet.Seq(1_001_001), ends.IsV6));
        CollectionAssert.AreEquivalent(new[] { "drop_unrecorded" }, _rig.CountedSince(before).Keys.ToArray());
        Assert.IsTrue(_rig.Flows.TryGet(ends.Key, out var flow));
        Assert.AreEqual((1_001_001u, 1_000_000ul), (flow.ClientNext, flow.ClientBytes));
    });

    private static void OnCable(Ends ends, Action<OffloadedSender> test) => NetworkNamespaceScope.Run(() =>
    {
        _rig.Reset();
        using var cable = new Cable();
        _rig.Assign(GatewayRig.Alone, cable.Lan);
        _rig.Flows.Set(ends.Key, Given.Flow);
        using var hook = TcHook.Attach(_rig.Object, GatewayRig.Egress, cable.Lan, TcDirection.Egress);
        using var sender = new OffloadedSender(cable.Lan);
        test(sender);
    });
}
