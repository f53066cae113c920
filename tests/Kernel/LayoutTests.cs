using System.Reflection;
using System.Runtime.CompilerServices;
using Appliance.Bpf;
using Appliance.Bpf.Layout;

namespace Appliance.Tests.Kernel;

/// <summary>
/// The structs that C and C# share live in C; this is the table of what is what. Every member of either side must stand
/// in it, at the same offset and of the same size. Members named reserved, C's lock and what has no size are nobody's.
/// </summary>
[TestClass]
public sealed class LayoutTests
{
    private const string Gateway = "gateway.bpf.o";
    private const string Node = "node.bpf.o";

    public static IEnumerable<object[]> Structs =>
    [
        .. OfBoth("flow_key", typeof(FlowKey),
            ("client", nameof(FlowKey.Client)), ("service", nameof(FlowKey.Service)),
            ("client_port", "_clientPort"), ("service_port", "_servicePort")),
        .. OfBoth("handshake", typeof(Handshake),
            ("synack_ns", nameof(Handshake.SynackNs)), ("client_isn", nameof(Handshake.ClientIsn)),
            ("server_isn", nameof(Handshake.ServerIsn)), ("synack_tsval", nameof(Handshake.SynackTsval)),
            ("flags", nameof(Handshake.Flags)), ("client_mss", nameof(Handshake.ClientMss)),
            ("client_wscale", nameof(Handshake.ClientWscale)), ("server_wscale", nameof(Handshake.ServerWscale)),
            ("server_window", nameof(Handshake.ServerWindow))),
        .. OfBoth("port_range", typeof(Vip.PortRange),
            ("first", nameof(Vip.PortRange.First)), ("last", nameof(Vip.PortRange.Last)),
            ("protocol", nameof(Vip.PortRange.Protocol)), ("service", nameof(Vip.PortRange.Service)), ("carries", nameof(Vip.PortRange.Carries)), ("delivery", nameof(Vip.PortRange.Delivery)), ("comparison", nameof(Vip.PortRange.Comparison))),
        .. OfBoth("vip", typeof(Vip), ("count", nameof(Vip.Count)), ("ranges", nameof(Vip.Ranges))),
        [Gateway, "flow", typeof(Flow), new[]
        {
            ("handshake", nameof(Flow.Handshake)), ("opened_ns", nameof(Flow.OpenedNs)), ("last_ns", nameof(Flow.LastNs)),
            ("client_bytes", nameof(Flow.ClientBytes)), ("server_bytes", nameof(Flow.ServerBytes)),
            ("client_next", nameof(Flow.ClientNext)), ("client_ack", nameof(Flow.ClientAck)),
            ("server_next", nameof(Flow.ServerNext)), ("server_ack", nameof(Flow.ServerAck)), ("flags", nameof(Flow.Flags)),
            ("edge", nameof(Flow.Edge)), ("held_ns", nameof(Flow.HeldNs)), ("held_end", nameof(Flow.HeldEnd)), ("held_by", nameof(Flow.HeldBy)),
        }],
        [Gateway, "consent", typeof(Consent), new[] { ("client_isn", nameof(Consent.ClientIsn)), ("end", nameof(Consent.End)) }],
        [Gateway, "limit", typeof(Limit), new[] { ("client_isn", nameof(Limit.ClientIsn)), ("right", nameof(Limit.Right)) }],
        [Gateway, "record", typeof(Record), new[]
        {
            ("kind", nameof(Record.Kind)), ("length", nameof(Record.Length)), ("ns", nameof(Record.Ns)), ("key", nameof(Record.Key)),
            ("client_isn", nameof(Record.ClientIsn)), ("seq", nameof(Record.Seq)), ("ack", nameof(Record.Ack)),
            ("flags", "_flags"), ("active", nameof(Record.Active)), ("owed", "_owed"),
        }],
        [Gateway, "gateway_state", typeof(GatewayState), new[]
        {
            ("assignment", nameof(GatewayState.Assignment)), ("lan_ifindex", nameof(GatewayState.LanIfindex)),
            ("gateway_mac", nameof(GatewayState.GatewayMac)), ("layout", nameof(GatewayState.Layout)),
            ("limited", nameof(GatewayState.Limited)), ("nodes", nameof(GatewayState.Nodes)), ("widest", nameof(GatewayState.Widest)),
            ("gate", nameof(GatewayState.Gate)), ("turned_ns", nameof(GatewayState.TurnedNs)), ("voiced", nameof(GatewayState.Voiced)),
            ("agreeing", nameof(GatewayState.Agreeing)), ("agrees", nameof(GatewayState.Agrees)),
        }],
        [Gateway, "voice", typeof(Voice), new[] { ("client_isn", nameof(Voice.ClientIsn)), ("nodes", nameof(Voice.Nodes)), ("mode", nameof(Voice.Mode)) }],
        [Gateway, "merge", typeof(Merge), new[]
        {
            ("client_isn", nameof(Merge.ClientIsn)), ("next", nameof(Merge.Next)), ("ack", nameof(Merge.Ack)), ("tsval", nameof(Merge.Tsval)),
            ("known", nameof(Merge.Known)), ("repeats", nameof(Merge.Repeats)), ("mark_end", nameof(Merge.MarkEnd)),
            ("mark_ns", nameof(Merge.MarkNs)), ("mark_node", nameof(Merge.MarkNode)), ("first", nameof(Merge.First)), ("sides", nameof(Merge.Sides)),
        }],
        [Gateway, "merge_side", typeof(Merge.Side), new[]
        {
            ("sent", nameof(Merge.Side.Sent)), ("acked", nameof(Merge.Side.Acked)), ("repeats", nameof(Merge.Side.Repeats)), ("right", nameof(Merge.Side.Right)),
            ("behind_ns", nameof(Merge.Side.BehindNs)), ("patience_ns", nameof(Merge.Side.PatienceNs)), ("paused_ns", nameof(Merge.Side.PausedNs)),
        }],
        [Gateway, "datagram_source", typeof(DatagramSource), new[]
        {
            ("last_ns", nameof(DatagramSource.LastNs)), ("next", nameof(DatagramSource.Next)),
        }],
        [Node, "datagram_flow", typeof(DatagramFlow), new[]
        {
            ("last_ns", nameof(DatagramFlow.LastNs)), ("told_ns", nameof(DatagramFlow.ToldNs)), ("highest", nameof(DatagramFlow.Highest)), ("first", nameof(DatagramFlow.First)), ("received", nameof(DatagramFlow.Received)),
        }],
        [Node, "node_state", typeof(NodeState), new[]
        {
            ("role", nameof(NodeState.Role)), ("tap_ifindex", nameof(NodeState.TapIfindex)),
            ("inherited", nameof(NodeState.Inherited)), ("heard", nameof(NodeState.Heard)), ("lease_until_ns", nameof(NodeState.LeaseUntilNs)),
            ("epoch", nameof(NodeState.Epoch)), ("first_spoken_ns", nameof(NodeState.FirstSpokenNs)), ("ordering", nameof(NodeState.Ordering)),
            ("compared", nameof(NodeState.Compared)),
            ("replicas_made", nameof(NodeState.ReplicasMade)),
        }],
        [Node, "tail", typeof(Tail), new[]
        {
            ("sent_ns", nameof(Tail.SentNs)), ("client_isn", nameof(Tail.ClientIsn)), ("seq", nameof(Tail.Seq)), ("l4", nameof(Tail.L4)),
            ("header_length", nameof(Tail.HeaderLength)), ("length", nameof(Tail.Length)), ("repeated", nameof(Tail.Repeated)),
            ("headers", nameof(Tail.Headers)), ("content", nameof(Tail.Content)),
        }],
        [Node, "digest", typeof(Digest), new[]
        {
            ("client_isn", nameof(Digest.ClientIsn)), ("differs", nameof(Digest.Differs)), ("agreed", nameof(Digest.Agreed)), ("first", nameof(Digest.First)), ("begun", nameof(Digest.Begun)), ("head", nameof(Digest.Head)),
            ("tail", nameof(Digest.Tail)), ("summed_ns", nameof(Digest.SummedNs)), ("all", nameof(Digest.All)), ("from", nameof(Digest.From)), ("own", nameof(Digest.Own)), ("active", nameof(Digest.Active)),
            ("slots", nameof(Digest.Slots)),
        }],
        [Node, "digest_side", typeof(Digest.Side), new[]
        {
            ("sum", nameof(Digest.Side.Sum)), ("next", nameof(Digest.Side.Next)), ("is_summed", nameof(Digest.Side.IsSummed)),
            ("last_length", nameof(Digest.Side.LastLength)), ("last_end", nameof(Digest.Side.LastEnd)), ("last", nameof(Digest.Side.Last)),
        }],
        [Node, "digest_slot", typeof(Digest.Slot), new[] { ("sum", nameof(Digest.Slot.Sum)), ("block", nameof(Digest.Slot.Block)) }],
        [Node, "replica", typeof(Replica), new[]
        {
            ("flags", nameof(Replica.Flags)), ("client_isn", nameof(Replica.ClientIsn)), ("client_next", nameof(Replica.ClientNext)),
            ("client_ack", nameof(Replica.ClientAck)), ("sent", nameof(Replica.Sent)), ("received", nameof(Replica.Received)),
            ("active_next", nameof(Replica.ActiveNext)), ("active_ack", nameof(Replica.ActiveAck)), ("wait_for", nameof(Replica.WaitFor)),
            ("client_window", nameof(Replica.ClientWindow)), ("own_window", nameof(Replica.OwnWindow)),
            ("own_wscale", nameof(Replica.OwnWscale)), ("short_by", nameof(Replica.ShortBy)),
            ("opened_ns", nameof(Replica.OpenedNs)), ("last_ns", nameof(Replica.LastNs)),
            ("closed_ns", nameof(Replica.ClosedNs)),
        }],
    ];

    public static IEnumerable<object[]> Enums =>
    [
        [Gateway, "handshake_flag", "HS_", typeof(HandshakeFlags)],
        [Node, "handshake_flag", "HS_", typeof(HandshakeFlags)],
        [Gateway, "flow_flag", "FLOW_", typeof(FlowFlags)],
        [Gateway, "record_kind", "RECORD_", typeof(RecordKind)],
        [Node, "comparison", "COMPARE_", typeof(Comparison)],
        [Gateway, "voice_mode", "VOICE_", typeof(VoiceMode)],
        [Node, "replica_flag", "REPLICA_", typeof(ReplicaFlags)],
        [Node, "report_kind", "REPORT_", typeof(ReportKind)],
        [Node, "node_role", "ROLE_", typeof(ControlPlane.NodeRole)],
    ];

    [TestMethod]
    [DynamicData(nameof(Structs))]
    public void A_struct_lies_in_memory_as_in_c(string file, string name, Type type, (string C, string CSharp)[] members)
    {
        using var file1 = BpfObject.Open(file);
        var (size, offsets) = file1.Types().StructLayout(name);
        Assert.AreEqual(size, SizeOf(type), $"size of {name}");
        foreach (var (c, csharp) in members)
        {
            Assert.AreEqual(offsets[c], OffsetOf(type, csharp), $"offset of {name}.{c}");
            var end = offsets.Values.Where(o => o > offsets[c]).DefaultIfEmpty(size).Min();
            Assert.AreEqual(end - offsets[c], SizeOf(Field(type, csharp).FieldType), $"size of {name}.{c}");
        }
        CollectionAssert.AreEquivalent(
            offsets.Keys.Where(m => m is not ("reserved" or "lock" or "payload")).ToArray(), members.Select(m => m.C).ToArray(), "the C side of the table");
        var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Select(f => f.Name);
        CollectionAssert.AreEquivalent(
            fields.Where(f => !f.StartsWith("_reserved", StringComparison.Ordinal) && f != "_lock").ToArray(),
            members.Select(m => m.CSharp).ToArray(), "the C# side of the table");
    }

    /// <summary>Of <c>struct report</c> C# knows the head; the frame follows it.</summary>
    [TestMethod]
    public void A_report_lies_in_memory_as_in_c()
    {
        using var node = BpfObject.Open(Node);
        var (size, offsets) = node.Types().StructLayout("report");
        CollectionAssert.AreEquivalent(new[] { "kind", "release", "l4", "length", "key", "told_end", "told_length", "told", "frame" }, offsets.Keys.ToArray());
        Assert.AreEqual(offsets["kind"], OffsetOf(typeof(Report), nameof(Report.Kind)));
        Assert.AreEqual(offsets["release"], OffsetOf(typeof(Report), nameof(Report.Release)));
        Assert.AreEqual(offsets["l4"], OffsetOf(typeof(Report), nameof(Report.L4)));
        Assert.AreEqual(offsets["length"], OffsetOf(typeof(Report), nameof(Report.Length)));
        Assert.AreEqual(offsets["key"], OffsetOf(typeof(Report), nameof(Report.Key)));
        Assert.AreEqual(offsets["told_end"], OffsetOf(typeof(Report), nameof(Report.ToldEnd)));
        Assert.AreEqual(offsets["told_length"], OffsetOf(typeof(Report), nameof(Report.ToldLength)));
        Assert.AreEqual(offsets["told"], OffsetOf(typeof(Report), nameof(Report.Told)));
        Assert.AreEqual(Report.FrameOffset, offsets["frame"]);
        Assert.AreEqual(offsets["frame"], SizeOf(typeof(Report)));
        Assert.IsGreaterThanOrEqualTo(Report.FrameOffset, size);
    }

    /// <summary>Of <c>struct datagram_said</c> C# knows the head; the first bytes follow it.</summary>
    [TestMethod]
    public void What_was_said_in_a_datagram_lies_in_memory_as_in_c()
    {
        using var node = BpfObject.Open(Node);
        var (size, offsets) = node.Types().StructLayout("datagram_said");
        CollectionAssert.AreEquivalent(new[] { "sum", "key", "number", "first", "length", "is_own", "kept" }, offsets.Keys.ToArray());
        Assert.AreEqual(offsets["sum"], OffsetOf(typeof(DatagramSaid), nameof(DatagramSaid.Sum)));
        Assert.AreEqual(offsets["key"], OffsetOf(typeof(DatagramSaid), nameof(DatagramSaid.Key)));
        Assert.AreEqual(offsets["number"], OffsetOf(typeof(DatagramSaid), nameof(DatagramSaid.Number)));
        Assert.AreEqual(offsets["first"], OffsetOf(typeof(DatagramSaid), nameof(DatagramSaid.First)));
        Assert.AreEqual(offsets["length"], OffsetOf(typeof(DatagramSaid), nameof(DatagramSaid.Length)));
        Assert.AreEqual(offsets["is_own"], OffsetOf(typeof(DatagramSaid), nameof(DatagramSaid.IsOwn)));
        Assert.AreEqual(DatagramSaid.KeptOffset, offsets["kept"]);
        Assert.AreEqual(DatagramSaid.KeptBytes, size - offsets["kept"]);
    }

    [TestMethod]
    public void The_payload_of_a_record_follows_its_head()
    {
        using var gateway = BpfObject.Open(Gateway);
        var (size, offsets) = gateway.Types().StructLayout("record");
        Assert.AreEqual((Record.PayloadOffset, Record.PayloadOffset), (offsets["payload"], size));
    }

    [TestMethod]
    [DynamicData(nameof(Enums))]
    public void An_enumeration_has_the_values_of_c(string file, string name, string prefix, Type type)
    {
        using var file1 = BpfObject.Open(file);
        var c = file1.Types().EnumMembers(name).Select(m => $"{m.Name[prefix.Length..].Replace("_", null, StringComparison.Ordinal).ToUpperInvariant()} {m.Value}");
        var csharp = Enum.GetValues(type).Cast<object>()
            .Select(v => (Name: v.ToString()!.ToUpperInvariant(), Value: Convert.ToInt32(v)))
            .Where(v => v.Name != "NONE")
            .Select(v => $"{v.Name} {v.Value}");
        CollectionAssert.AreEquivalent(c.ToArray(), csharp.ToArray());
    }

    [TestMethod]
    public void Tables_have_the_capacity_of_c()
    {
        Assert.AreEqual(SizeOf(typeof(Vip.PortRange)) * Vip.MaxRanges, SizeOf(typeof(Vip.RangeTable)));
        using var gateway = BpfObject.Open(Gateway);
        var (_, vip) = gateway.Types().StructLayout("vip");
        Assert.AreEqual(gateway.Types().StructLayout("vip").Size - vip["ranges"], SizeOf(typeof(Vip.RangeTable)), "MAX_RANGES");
        var (_, state) = gateway.Types().StructLayout("gateway_state");
        Assert.AreEqual(state["widest"] - state["nodes"], SizeOf(typeof(GatewayState.NodeTable)), "MAX_NODES");
    }

    private static object[][] OfBoth(string name, Type type, params (string C, string CSharp)[] members) =>
        [[Gateway, name, type, members], [Node, name, type, members]];

    private static FieldInfo Field(Type type, string name) =>
        type.GetField(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        ?? throw new ArgumentException($"{type} has no field '{name}'", nameof(name));

    private static int SizeOf(Type type) => RuntimeHelpers.SizeOf(type.TypeHandle);

    /// <summary>
    /// The offset in managed memory, which need not be Marshal's: a value whose bytes count up from 0, and another with their high bytes, show where a field
    /// begins. A box is an object with one field, so its first byte is read like that of any such object.
    /// </summary>
    private static int OffsetOf(Type type, string name)
    {
        var value = RuntimeHelpers.GetUninitializedObject(type);
        return FirstByteWhere(i => (byte)i) | (FirstByteWhere(i => (byte)(i >> 8)) << 8);

        byte FirstByteWhere(Func<int, byte> content)
        {
            for (var i = 0; i < SizeOf(type); i++)
            {
                Unsafe.Add(ref FirstByte(value), i) = content(i);
            }
            return FirstByte(Field(type, name).GetValue(value)!);
        }
    }

    private static ref byte FirstByte(object box) => ref Unsafe.As<StrongBox<byte>>(box).Value;
}
