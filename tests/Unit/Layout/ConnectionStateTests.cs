using Appliance.Bpf.Layout;

namespace Appliance.Tests.Unit.Layout;

/// <summary>When a connection is over, and when a replica is in step; numbers wrap around.</summary>
[TestClass]
public sealed class ConnectionStateTests
{
    private const FlowFlags BothFin = FlowFlags.ClientFin | FlowFlags.ServerFin;
    private const ReplicaFlags BothEnds = ReplicaFlags.ClientFin | ReplicaFlags.OwnFin;

    [TestMethod]
    [DataRow(FlowFlags.None, 10u, 10u, 20u, 20u, false)]
    [DataRow(FlowFlags.ClientFin, 10u, 10u, 20u, 20u, false)]
    [DataRow(FlowFlags.ServerFin, 10u, 10u, 20u, 20u, false)]
    [DataRow(BothFin, 10u, 10u, 20u, 20u, true)]
    [DataRow(BothFin, 10u, 9u, 20u, 20u, false)]
    [DataRow(BothFin, 10u, 10u, 20u, 19u, false)]
    [DataRow(BothFin, 0u, 0u, 0u, 0u, true)]
    [DataRow(BothFin, 0u, uint.MaxValue, 0u, 0u, false)]
    [DataRow(FlowFlags.ClientRst, 10u, 1u, 20u, 1u, true)]
    [DataRow(FlowFlags.ServerRst, 10u, 1u, 20u, 1u, true)]
    public void A_flow_is_over(FlowFlags flags, uint clientNext, uint serverAck, uint serverNext, uint clientAck, bool expected) =>
        Assert.AreEqual(
            expected,
            new Flow { Flags = flags, ClientNext = clientNext, ServerAck = serverAck, ServerNext = serverNext, ClientAck = clientAck }.IsOver);

    [TestMethod]
    [DataRow(ReplicaFlags.None, 10u, 10u, 20u, 20u, false)]
    [DataRow(ReplicaFlags.ClientFin, 10u, 10u, 20u, 20u, false)]
    [DataRow(ReplicaFlags.ClientFin | ReplicaFlags.ActiveFin, 10u, 10u, 20u, 20u, false)]
    [DataRow(BothEnds, 10u, 10u, 20u, 20u, true)]
    [DataRow(BothEnds, 10u, 9u, 20u, 20u, false)]
    [DataRow(BothEnds, 10u, 10u, 20u, 19u, false)]
    [DataRow(BothEnds, 10u, 10u, 20u, 21u, true, DisplayName = "the client has acknowledged more, from the active node")]
    [DataRow(BothEnds, uint.MaxValue, 0u, uint.MaxValue, 1u, true, DisplayName = "acknowledged beyond the wrap")]
    [DataRow(BothEnds, 0u, uint.MaxValue, 0u, 0u, false, DisplayName = "not acknowledged beyond the wrap")]
    [DataRow(ReplicaFlags.ClientRst, 10u, 1u, 20u, 1u, true)]
    [DataRow(ReplicaFlags.OwnRst, 10u, 1u, 20u, 1u, true)]
    [DataRow(ReplicaFlags.ActiveRst, 10u, 10u, 20u, 20u, false)]
    public void A_replica_is_over(ReplicaFlags flags, uint clientNext, uint received, uint sent, uint clientAck, bool expected) =>
        Assert.AreEqual(
            expected,
            new Replica { Flags = flags, ClientNext = clientNext, Received = received, Sent = sent, ClientAck = clientAck }.IsOver);

    [TestMethod]
    [DataRow(20u, 20u, 10u, 10u, true)]
    [DataRow(19u, 20u, 10u, 10u, false)]
    [DataRow(20u, 20u, 9u, 10u, false)]
    [DataRow(25u, 20u, 12u, 10u, true)]
    [DataRow(3u, uint.MaxValue, 3u, uint.MaxValue, true, DisplayName = "ahead beyond the wrap")]
    [DataRow(uint.MaxValue, 3u, 10u, 10u, false, DisplayName = "behind beyond the wrap")]
    public void A_replica_is_in_step(uint sent, uint activeNext, uint received, uint activeAck, bool expected) =>
        Assert.AreEqual(expected, new Replica { Sent = sent, ActiveNext = activeNext, Received = received, ActiveAck = activeAck }.IsInStep);

    [TestMethod]
    [DataRow(HandshakeFlags.None, false)]
    [DataRow(HandshakeFlags.Syn, false)]
    [DataRow(HandshakeFlags.SynAck | HandshakeFlags.ServerEcn, false)]
    [DataRow(HandshakeFlags.SynAck | HandshakeFlags.Syn | HandshakeFlags.Signed, true)]
    public void A_handshake_is_complete(HandshakeFlags flags, bool expected) => Assert.AreEqual(expected, new Handshake { Flags = flags }.IsComplete);
}
