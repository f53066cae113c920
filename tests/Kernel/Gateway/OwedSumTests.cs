using System.Buffers.Binary;
using Appliance.Bpf.Layout;
using Appliance.Net;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>
/// Damage on the way shows in the record: no device has verified a test run's frames (CHECKSUM_NONE), so each record carries
/// the sum that its payload must have.
/// </summary>
[TestClass]
public sealed class OwedSumTests
{
    private const int WindowOffset = 14;
    private const int ChecksumOffset = 16;

    private static GatewayRig _rig = null!;

    public static IEnumerable<object[]> Segments => from ends in Ends.Both from shape in Shapes(ends) select new object[] { ends, shape };

    public static IEnumerable<object[]> Families => Ends.Both.Select(e => new object[] { e });

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new GatewayRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Segments))]
    internal void What_arrives_whole_is_intact(Ends ends, Shape shape) => NetworkNamespaceScope.Run(() =>
        Assert.AreEqual(Owed.Right, Record(ends, shape.Packet.ToBytes()).Owed));

    /// <summary>Numbers, window, checksum, urgent pointer, options and payload; what lies behind the datagram is not of it.</summary>
    [TestMethod]
    [DynamicData(nameof(Segments))]
    internal void One_bit_of_damage_shows(Ends ends, Shape shape) => NetworkNamespaceScope.Run(() =>
    {
        var whole = shape.Packet.ToBytes();
        var (tcp, end) = (shape.Packet.TransportOffset, EndOfDatagram(ends, whole));
        foreach (var at in Enumerable.Range(tcp, end - tcp).Where(i => i == tcp + 7 || i == tcp + 11 || i >= tcp + WindowOffset))
        {
            foreach (var bit in at - tcp < 64 ? Enumerable.Range(0, 8) : [at % 8])
            {
                var frame = (byte[])whole.Clone();
                frame[at] ^= (byte)(1 << bit);
                Assert.AreEqual(Owed.Wrong, Record(ends, frame).Owed, $"byte {at - tcp} of {end - tcp}, bit {bit}");
            }
        }
        for (var at = end; at < whole.Length; at++)
        {
            var frame = (byte[])whole.Clone();
            frame[at] ^= 0xff;
            Assert.AreEqual(Owed.Right, Record(ends, frame).Owed, $"byte {at - end} of the padding");
        }
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void A_checksum_that_is_still_to_be_filled_in_owes_nothing(Ends ends) => NetworkNamespaceScope.Run(() =>
    {
        foreach (var packet in Shapes(ends).Select(s => s.Packet))
        {
            var frame = packet.ToBytes();
            var tcp = packet.TransportOffset;
            var pseudo = InternetChecksum.FoldUncomplemented(InternetChecksum.AddPseudoHeader(
                0, ends.Client.Address.GetAddressBytes(), ends.Service.Address.GetAddressBytes(), 6, EndOfDatagram(ends, frame) - tcp));
            foreach (var (field, owed) in new[]
            {
                (pseudo, Owed.Nothing), ((ushort)(pseudo + 1), Owed.Wrong), ((ushort)~pseudo, Owed.Wrong),
            })
            {
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(tcp + ChecksumOffset), field);
                Assert.AreEqual(owed, Record(ends, frame).Owed, $"{field:x4} where the pseudo header has {pseudo:x4}");
            }
        }
    });

    /// <summary>Whoever merged it has verified it, and one checksum cannot speak for all of it.</summary>
    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void Offloaded_packets_owe_nothing(Ends ends) => NetworkNamespaceScope.Run(() =>
    {
        var packet = ends.FromClient().Seq(1001).Ack(5001).Payload(3000);
        var frame = packet.ToBytes();
        var offloaded = new SkbContext { GsoSize = 1448, GsoSegments = 3 };
        Assert.AreEqual(Owed.Nothing, Record(ends, frame, offloaded).Owed);
        frame[packet.TransportOffset + ChecksumOffset] ^= 1;
        Assert.AreEqual(Owed.Nothing, Record(ends, frame, offloaded).Owed);
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_record_of_an_opening_owes_nothing(Ends ends) => NetworkNamespaceScope.Run(() =>
    {
        _rig.Reset();
        _rig.Openings.Set(ends.Key, Given.Agreed);
        _rig.Run(GatewayRig.Egress, ends.FromClient().Seq(1001).Ack(5001).Payload(5).ToBytes());
        CollectionAssert.AreEqual(
            new[] { (RecordKind.Open, Owed.Nothing), (RecordKind.Data, Owed.Right) }, _rig.TakeRecords().Select(r => (r.Kind, r.Owed)).ToArray());
    });

    [TestMethod]
    [DynamicData(nameof(Families))]
    internal void The_sum_leaves_the_node_alone_that_holds_the_service(Ends ends) => NetworkNamespaceScope.Run(() =>
    {
        foreach (var active in new[] { 0, 1, 3, -1 })
        {
            _rig.Reset();
            _rig.Assign(new(7, active, 0));
            _rig.Flows.Set(ends.Key, Given.Flow);
            _rig.Run(GatewayRig.Egress, ends.FromClient().Seq(1001).Ack(5001).Payload(5).ToBytes());
            var record = _rig.TakeRecords().Single();
            Assert.AreEqual((active < 0 ? GatewayState.NoNode : (uint)active, Owed.Right), (record.Active, record.Owed));
        }
    });

    /// <summary>The one record that a segment of a known flow leaves.</summary>
    private static Recorded Record(Ends ends, byte[] frame, SkbContext? context = null)
    {
        _rig.Reset();
        _rig.Flows.Set(ends.Key, Given.Flow);
        _rig.Run(GatewayRig.Egress, frame, context);
        return _rig.TakeRecords().Single();
    }

    private static IEnumerable<Shape> Shapes(Ends ends)
    {
        var data = ends.FromClient().Seq(1001).Ack(5001);
        foreach (var length in new[] { 1, 2, 3, 4, 99, 1448, 1537 })
        {
            yield return new($"{length} bytes", data.Payload(length));
        }
        yield return new("a FIN alone", data.Fin());
        yield return new("a FIN with an odd payload", data.Payload(7).Fin());
        yield return new("zeros alone", data.Payload(new byte[6]));
        yield return new("an odd number of zeros", data.Payload(new byte[5]));
        yield return new("a sum that is the negative zero", data.Payload([0xff, 0xff]));
        yield return new("a sum with a carry", data.Payload([0xff, 0xff, 0x00, 0x01]));
        yield return new("ones alone", data.Payload([.. Enumerable.Repeat<byte>(0xff, 1001)]));
        yield return new("a segment whose checksum is 0", WithChecksumZero(data));
        yield return new("TCP options", data.Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(0x12345678, 0x9abcdef0)).Payload(5));
        yield return new("forty bytes of TCP options", data.Options([.. Enumerable.Repeat(TcpOption.Nop, 40)]).Payload(6));
        yield return new("Ethernet padding", data.Payload(1).Padded(5));
        yield return new("Ethernet padding behind a FIN", data.Fin().Padded(6));
        if (ends.IsV6)
        {
            yield return new("an extension header", data.Extension(60).Payload(3));
        }
        else
        {
            yield return new("IP options", data.IPOptions(1, 1, 1, 1).Payload(3));
        }
    }

    /// <summary>The payload takes up what the checksum would be; unlike UDP's, TCP's may be 0.</summary>
    private static Packet WithChecksumZero(Packet data)
    {
        var empty = data.Payload([0, 0]);
        var checksum = empty.ToBytes().AsSpan(empty.TransportOffset + ChecksumOffset, 2).ToArray();
        var packet = data.Payload(checksum);
        Assert.AreEqual(0, BinaryPrimitives.ReadUInt16BigEndian(packet.ToBytes().AsSpan(packet.TransportOffset + ChecksumOffset)));
        return packet;
    }

    private static int EndOfDatagram(Ends ends, byte[] frame) => 14 + (ends.IsV6
        ? 40 + BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(18))
        : BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(16)));

    /// <summary>A segment with content.</summary>
    internal sealed record Shape(string Name, Packet Packet)
    {
        public override string ToString() => Name;
    }
}
