using Appliance.Bpf.Layout;
using Appliance.Packets;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>What SYN and SYN-ACK teach, in every order in which they can come.</summary>
[TestClass]
public sealed class HandshakeTests
{
    private const uint Isn = Given.ClientIsn;

    private static GatewayRig _rig = null!;

    public static IEnumerable<object[]> SynOptions =>
    [
        ["none", Array.Empty<byte[]>(), 0, (byte)0, HandshakeFlags.None],
        ["Linux", TcpOption.LinuxSyn(1460, 5, 7), 1460, (byte)7, HandshakeFlags.ClientWscale | HandshakeFlags.ClientSack | HandshakeFlags.ClientTimestamp],
        ["the same from behind", new[] { TcpOption.WindowScale(7), TcpOption.Nop, TcpOption.Timestamps(5, 0), TcpOption.SackPermitted, TcpOption.Mss(1460) },
            1460, (byte)7, HandshakeFlags.ClientWscale | HandshakeFlags.ClientSack | HandshakeFlags.ClientTimestamp],
        ["padding between all", new[] { TcpOption.Nop, TcpOption.Nop, TcpOption.Nop, TcpOption.Mss(9000), TcpOption.Nop, TcpOption.SackPermitted, TcpOption.Nop },
            9000, (byte)0, HandshakeFlags.ClientSack],
        ["forty paddings", Enumerable.Repeat(TcpOption.Nop, 40).ToArray(), 0, (byte)0, HandshakeFlags.None],
        ["thirty-six paddings and a size", Enumerable.Repeat(TcpOption.Nop, 36).Append(TcpOption.Mss(1400)).ToArray(), 1400, (byte)0, HandshakeFlags.None],
        ["an unknown option is stepped over", new[] { TcpOption.Raw(254, 6, 1, 2, 3, 4), TcpOption.Mss(1400) }, 1400, (byte)0, HandshakeFlags.None],
        ["an unknown option without content", new[] { TcpOption.Raw(254, 2), TcpOption.Mss(1400) }, 1400, (byte)0, HandshakeFlags.None],
        ["the end of the list ends it", new[] { TcpOption.SackPermitted, TcpOption.End, TcpOption.Mss(1400) }, 0, (byte)0, HandshakeFlags.ClientSack],
        ["a shift beyond 14 counts as 14 (RFC 7323)", new[] { TcpOption.WindowScale(200) }, 0, (byte)14, HandshakeFlags.ClientWscale],
        ["length 0 ends the walk", new[] { TcpOption.SackPermitted, TcpOption.Raw(254, 0), TcpOption.Mss(1400) }, 0, (byte)0, HandshakeFlags.ClientSack],
        ["length 1 ends the walk", new[] { TcpOption.SackPermitted, TcpOption.Raw(254, 1), TcpOption.Mss(1400) }, 0, (byte)0, HandshakeFlags.ClientSack],
        ["a length beyond the header ends the walk", new[] { TcpOption.SackPermitted, TcpOption.Raw(2, 41, 5, 120) }, 0, (byte)0, HandshakeFlags.ClientSack],
        ["length 255 ends the walk", new[] { TcpOption.SackPermitted, TcpOption.Raw(254, 255), TcpOption.Mss(1400) }, 0, (byte)0, HandshakeFlags.ClientSack],
        ["a kind without a length ends the walk", new[] { TcpOption.Mss(1400), TcpOption.Raw(1, 1, 1, 8) }, 1400, (byte)0, HandshakeFlags.None],
        ["a timestamp of a wrong length is none", new[] { TcpOption.Raw(8, 4, 1, 1), TcpOption.Mss(1400) }, 1400, (byte)0, HandshakeFlags.None],
        ["a size of a wrong length is none", new[] { TcpOption.Raw(2, 3, 5), TcpOption.SackPermitted }, 0, (byte)0, HandshakeFlags.ClientSack],
        ["SACK permission with content is none", new[] { TcpOption.Raw(4, 3, 0) }, 0, (byte)0, HandshakeFlags.None],
        ["TCP-MD5", new[] { TcpOption.Mss(1400), TcpOption.Md5 }, 1400, (byte)0, HandshakeFlags.Signed],
        ["TCP-AO", new[] { TcpOption.Ao, TcpOption.Mss(1400) }, 1400, (byte)0, HandshakeFlags.Signed],
    ];

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new GatewayRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(SynOptions))]
    public void Options_of_a_syn(string name, byte[][] options, int mss, byte shift, HandshakeFlags flags) => InNamespace(ends =>
    {
        See(ends.FromClient().Seq(Isn).Syn().Options(options));
        var assumed = ends.IsV6 ? 1220 : 536; // RFC 9293 section 3.7.1
        Expect(ends, new Handshake
        {
            ClientIsn = Isn, ClientMss = (ushort)(mss == 0 ? assumed : mss), ClientWscale = shift, Flags = HandshakeFlags.Syn | flags,
        }, name);
    });

    [TestMethod]
    public void Both_orders_lead_to_the_same() => InNamespace(static ends =>
    {
        foreach (var order in new[] { new[] { Syn(ends), SynAck(ends) }, [SynAck(ends), Syn(ends)] })
        {
            _rig.Reset();
            See(order);
            Expect(ends, Given.Agreed, "agreed");
        }
    });

    [TestMethod]
    public void Retransmissions_change_nothing() => InNamespace(static ends =>
    {
        See(Syn(ends), Syn(ends).Options(TcpOption.Mss(500)), SynAck(ends), Syn(ends), SynAck(ends));
        Expect(ends, Given.Agreed, "after retransmissions");
    });

    [TestMethod]
    public void A_new_incarnation_starts_afresh() => InNamespace(static ends =>
    {
        See(Syn(ends), SynAck(ends));
        See(Syn(ends).Seq(2_000_000).Options(TcpOption.Mss(1400)));
        var half = new Handshake { ClientIsn = 2_000_000, ClientMss = 1400, Flags = HandshakeFlags.Syn };
        Expect(ends, Given.Agreed with { ClientIsn = half.ClientIsn, ClientMss = half.ClientMss, ClientWscale = 0, Flags = half.Flags }, "only the new SYN counts");

        See(SynAck(ends));
        Assert.AreEqual(HandshakeFlags.Syn, Opening(ends)!.Value.Flags, "the answer to the old SYN does not belong to the new one");

        See(ends.FromService().Seq(70_000).Ack(2_000_001).Syn().Options(TcpOption.Mss(1460)));
        Assert.AreEqual((2_000_000u, 70_000u, true), (Opening(ends)!.Value.ClientIsn, Opening(ends)!.Value.ServerIsn, Opening(ends)!.Value.IsComplete));
    });

    [TestMethod]
    public void A_second_answer_to_the_same_syn_replaces_the_first() => InNamespace(static ends =>
    {
        See(Syn(ends), SynAck(ends), SynAck(ends).Seq(88_000));
        Expect(ends, Given.Agreed with { ServerIsn = 88_000 }, "the service moved during the handshake");
    });

    [TestMethod]
    public void An_answer_before_its_question_waits_for_that_question_only() => InNamespace(static ends =>
    {
        See(SynAck(ends), Syn(ends).Seq(Isn + 1));
        Assert.IsFalse(Opening(ends)!.Value.IsComplete);
    });

    [TestMethod]
    public void Sequence_number_zero_is_a_number_like_any_other() => InNamespace(static ends =>
    {
        See(Syn(ends).Seq(0), SynAck(ends).Ack(1));
        Assert.IsTrue(Opening(ends)!.Value.IsComplete);
        _rig.Reset();
        See(Syn(ends).Seq(uint.MaxValue), SynAck(ends).Ack(0));
        Assert.IsTrue(Opening(ends)!.Value.IsComplete);
    });

    [TestMethod]
    [DataRow(TcpFlags.None, TcpFlags.None, HandshakeFlags.None)]
    [DataRow(TcpFlags.Ece | TcpFlags.Cwr, TcpFlags.None, HandshakeFlags.ClientEcn)]
    [DataRow(TcpFlags.Ece, TcpFlags.None, HandshakeFlags.None)]
    [DataRow(TcpFlags.Ece | TcpFlags.Cwr, TcpFlags.Ece, HandshakeFlags.ClientEcn | HandshakeFlags.ServerEcn)]
    [DataRow(TcpFlags.None, TcpFlags.Ece | TcpFlags.Cwr, HandshakeFlags.None)]
    public void Congestion_notification_is_agreed_by_flags(TcpFlags syn, TcpFlags synAck, HandshakeFlags expected) => InNamespace(ends =>
    {
        See(Syn(ends).Flags(syn), SynAck(ends).Flags(synAck));
        Assert.AreEqual(expected, Opening(ends)!.Value.Flags & (HandshakeFlags.ClientEcn | HandshakeFlags.ServerEcn));
    });

    [TestMethod]
    public void A_signature_on_either_side_marks_the_connection() => InNamespace(static ends =>
    {
        foreach (var signature in new[] { TcpOption.Md5, TcpOption.Ao })
        {
            _rig.Reset();
            See(Syn(ends), SynAck(ends).Options(signature));
            Assert.IsTrue(Opening(ends)!.Value.Flags.HasFlag(HandshakeFlags.Signed));
            _rig.Reset();
            See(SynAck(ends), Syn(ends).Options(signature));
            Assert.IsTrue(Opening(ends)!.Value.Flags.HasFlag(HandshakeFlags.Signed));
        }
    });

    [TestMethod]
    public void A_whole_connection_is_followed_from_syn_to_last_ack() => InNamespace(static ends =>
    {
        See(Syn(ends), SynAck(ends));
        See(ends.FromClient().Seq(1001).Ack(5001));
        See(ends.FromClient().Seq(1001).Ack(5001).Payload(100));
        See(ends.FromService().Seq(5001).Ack(1101).Payload(300).Fin());
        See(ends.FromClient().Seq(1101).Ack(5302).Fin());
        Assert.IsTrue(_rig.Flows.TryGet(ends.Key, out var flow));
        Assert.IsFalse(flow.IsOver, "the client's FIN is not acknowledged yet");
        See(ends.FromService().Seq(5302).Ack(1102));
        Assert.IsTrue(_rig.Flows.TryGet(ends.Key, out flow));
        Assert.IsTrue(flow.IsOver);
        Assert.AreEqual((100ul, 300ul), (flow.ClientBytes, flow.ServerBytes));
        Assert.IsNull(Opening(ends));
    });

    [TestMethod]
    public void A_syn_that_nobody_answers_ends_nothing() => InNamespace(static ends =>
    {
        See(Syn(ends), SynAck(ends), ends.FromClient().Seq(1001).Ack(5001));
        See(Syn(ends).Seq(900_000));
        See(ends.FromClient().Seq(1001).Ack(5001).Payload(100), ends.FromService().Seq(5001).Ack(1101).Payload(300));
        Assert.IsTrue(_rig.Flows.TryGet(ends.Key, out var flow));
        Assert.AreEqual((Isn, 1101u, 5301u), (flow.Handshake.ClientIsn, flow.ClientNext, flow.ServerNext));
    });

    [TestMethod]
    public void A_syn_that_the_server_answers_begins_a_new_connection() => InNamespace(static ends =>
    {
        See(Syn(ends), SynAck(ends), ends.FromClient().Seq(1001).Ack(5001));
        See(Syn(ends).Seq(900_000), SynAck(ends).Seq(70_000).Ack(900_001));
        Assert.IsFalse(_rig.Flows.TryGet(ends.Key, out _));
        See(ends.FromClient().Seq(900_001).Ack(70_001));
        Assert.IsTrue(_rig.Flows.TryGet(ends.Key, out var flow));
        Assert.AreEqual((900_000u, 70_000u, 900_001u, 70_001u), (flow.Handshake.ClientIsn, flow.Handshake.ServerIsn, flow.ClientNext, flow.ServerNext));
        Assert.IsNull(Opening(ends));
    });

    [TestMethod]
    public void Every_chain_of_extension_headers_is_followed_to_its_end() => NetworkNamespaceScope.Run(static () =>
    {
        const byte HopByHop = 0;
        const byte Routing = 43;
        const byte Destination = 60;
        const byte Authentication = 51;
        var syn = Syn(Ends.V6);
        Packet Chain(int headers) => Enumerable.Range(0, headers).Aggregate(syn, static (p, i) => p.Extension(i == 0 ? HopByHop : Destination, (i % 3) + 1));
        foreach (var (packet, learnt, counter) in new[]
        {
            (syn.Extension(HopByHop).Extension(Routing, 3).Extension(Destination, 2), true, "to_active"),
            (Chain(6), true, "to_active"),
            (Chain(7), false, "pass_other"),
            (syn.Extension(Authentication), false, "pass_other"),
            (syn.Extension(HopByHop).Fragment(0, more: false), false, "pass_fragment"),
            (syn.Extension(HopByHop, 1, claimed: 255), false, "drop_malformed"),
            (syn.Extension(Destination, 1, claimed: 20), false, "drop_malformed"),
        })
        {
            _rig.Reset();
            var outcome = _rig.Run(GatewayRig.Egress, packet.ToBytes());
            Assert.AreEqual(learnt, Opening(Ends.V6) is { ClientIsn: Isn, ClientMss: 1460 }, packet.ToString());
            Assert.IsTrue(outcome.Counted.ContainsKey(counter), $"{packet}: {counter}");
        }
    });

    [TestMethod]
    public void Options_of_IPv4_are_stepped_over() => NetworkNamespaceScope.Run(static () =>
    {
        for (var words = 0; words <= 10; words++)
        {
            _rig.Reset();
            See(Syn(Ends.V4).IPOptions(new byte[4 * words]));
            Expect(Ends.V4, Given.HalfOpen, $"{words} words");
        }
    });

    private static Packet Syn(Ends ends) => ends.FromClient().Seq(Isn).Syn().Options(TcpOption.LinuxSyn(1460, 5, 7));

    private static Packet SynAck(Ends ends) =>
        ends.FromService().Seq(Given.ServerIsn).Ack(Isn + 1).Syn().Options(TcpOption.LinuxSyn(1460, 77, 8));

    private static void InNamespace(Action<Ends> test) => NetworkNamespaceScope.Run(() =>
    {
        foreach (var ends in Ends.Both)
        {
            _rig.Reset();
            test(ends);
        }
    });

    private static void See(params Packet[] packets)
    {
        foreach (var packet in packets)
        {
            var program = packet.Source.Port == Ends.V4.Client.Port ? GatewayRig.Egress : GatewayRig.Ingress;
            Assert.AreEqual(Verdict.Ok, _rig.Run(program, packet.ToBytes()).Verdict);
        }
    }

    private static Handshake? Opening(Ends ends) => _rig.Openings.TryGet(ends.Key, out var opening) ? opening : null;

    private static void Expect(Ends ends, Handshake expected, string because) =>
        Assert.AreEqual(Fields.Of<Handshake>(expected), Fields.Of(Opening(ends)), $"{ends}: {because}");
}
