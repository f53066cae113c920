using Appliance.Bpf.Layout;
using Appliance.Node;

namespace Appliance.Tests.Unit.Replication;

/// <summary>Time is milliseconds; the replica was opened and last heard of at 1,000,000.</summary>
[TestClass]
public sealed class ReplicaLifeTests
{
    private const ReplicaFlags Confirmed = ReplicaFlags.Confirmed;

    [TestMethod]
    [DataRow(Confirmed, 0, ReplicaVerdict.Keep)]
    [DataRow(Confirmed, 300_000, ReplicaVerdict.Keep)]
    [DataRow(Confirmed, 300_001, ReplicaVerdict.Probe)]
    [DataRow(ReplicaFlags.None, 500, ReplicaVerdict.Keep)]
    [DataRow(ReplicaFlags.None, 501, ReplicaVerdict.FinishHandshake)]
    [DataRow(ReplicaFlags.None, 10_000, ReplicaVerdict.FinishHandshake)]
    [DataRow(ReplicaFlags.None, 10_001, ReplicaVerdict.Remove)]
    [DataRow(Confirmed | ReplicaFlags.OwnRst, 1000, ReplicaVerdict.Keep)]
    [DataRow(Confirmed | ReplicaFlags.OwnRst, 1001, ReplicaVerdict.Remove)]
    [DataRow(Confirmed | ReplicaFlags.ClientRst, 1001, ReplicaVerdict.Remove)]
    [DataRow(ReplicaFlags.OwnRst, 1001, ReplicaVerdict.Remove)]
    [DataRow(Confirmed | ReplicaFlags.ClientFin | ReplicaFlags.OwnFin, 1001, ReplicaVerdict.Remove)]
    [DataRow(Confirmed | ReplicaFlags.ActiveRst, 3000, ReplicaVerdict.Keep)]
    [DataRow(Confirmed | ReplicaFlags.ActiveRst, 3001, ReplicaVerdict.Reset)]
    [DataRow(Confirmed | ReplicaFlags.ClientFin | ReplicaFlags.ActiveFin, 3001, ReplicaVerdict.Reset)]
    [DataRow(Confirmed | ReplicaFlags.ActiveFin, 3001, ReplicaVerdict.Keep)]
    [DataRow(Confirmed | ReplicaFlags.ClientFin, 3001, ReplicaVerdict.Keep)]
    public void Is_judged_by_its_state_and_its_silence(ReplicaFlags flags, int idle, ReplicaVerdict expected) =>
        Assert.AreEqual(expected, Judge(Replica with { Flags = flags }, idle));

    [TestMethod]
    [DataRow(ReplicaFlags.OwnFin, 1000, true, ReplicaVerdict.Keep, DisplayName = "the original may follow")]
    [DataRow(ReplicaFlags.OwnFin, 1001, true, ReplicaVerdict.EndedEarly, DisplayName = "a FIN")]
    [DataRow(ReplicaFlags.OwnRst, 1001, true, ReplicaVerdict.EndedEarly, DisplayName = "a reset")]
    [DataRow(ReplicaFlags.OwnFin, 1001, false, ReplicaVerdict.Keep, DisplayName = "an active node's server closes as it likes")]
    [DataRow(ReplicaFlags.OwnFin | ReplicaFlags.ActiveFin, 1001, true, ReplicaVerdict.Keep, DisplayName = "the original has closed, too")]
    [DataRow(ReplicaFlags.OwnFin | ReplicaFlags.ClientFin, 900, true, ReplicaVerdict.Keep, DisplayName = "the client has closed")]
    public void A_replica_that_closes_while_its_original_goes_on_is_none_any_more(ReplicaFlags flags, int later, bool isSilent, ReplicaVerdict expected)
    {
        var closed = Replica with { Flags = Confirmed | flags, ClosedNs = Replica.LastNs, Sent = Replica.ClientAck + 1, ActiveNext = Replica.ClientAck };
        var nowNs = closed.ClosedNs + ((ulong)later * 1_000_000);
        Assert.AreEqual(expected, ReplicaLife.Judge(closed with { LastNs = nowNs }, nowNs, isSilent), "however lively its client is");
    }

    [TestMethod]
    public void A_replica_whose_close_the_client_has_or_whose_original_is_behind_it_is_still_one()
    {
        var closed = Replica with { Flags = Confirmed | ReplicaFlags.OwnFin, ClosedNs = Replica.LastNs, Sent = Replica.ClientAck + 1, ActiveNext = Replica.ClientAck };
        Assert.AreEqual(ReplicaVerdict.Keep, Judge(closed with { ClientAck = closed.Sent }, 2000), "the gateway sent it on in the active node's place");
        Assert.AreEqual(ReplicaVerdict.EndedEarly, Judge(closed with { ActiveNext = closed.Sent + 9, ClientAck = closed.Sent + 9 }, 2000), "that was the original's next byte");
        Assert.AreEqual(ReplicaVerdict.Keep, Judge(closed with { Sent = closed.Sent + 500 }, 2000), "the original has yet to say 500 bytes");
    }

    [TestMethod]
    public void An_original_whose_end_is_not_acknowledged_lives()
    {
        var closing = Replica with { Flags = Confirmed | ReplicaFlags.ClientFin | ReplicaFlags.ActiveFin };
        Assert.AreEqual(ReplicaVerdict.Keep, Judge(closing with { ActiveNext = closing.ClientAck + 1 }, 3001));
        Assert.AreEqual(ReplicaVerdict.Keep, Judge(closing with { ClientNext = closing.ActiveAck + 1 }, 3001));
    }

    [TestMethod]
    public void A_time_before_its_last_segment_is_no_silence() =>
        Assert.AreEqual(ReplicaVerdict.Keep, ReplicaLife.Judge(Replica with { Flags = Confirmed | ReplicaFlags.OwnRst }, 1));

    private static Replica Replica => new()
    {
        OpenedNs = Ns(0), LastNs = Ns(0), ClientNext = 10, ClientAck = 20, Sent = 20, Received = 10, ActiveNext = 20, ActiveAck = 10,
    };

    private static ulong Ns(int milliseconds) => (ulong)(milliseconds + 1_000_000) * 1_000_000;

    private static ReplicaVerdict Judge(in Replica replica, int idle) => ReplicaLife.Judge(replica, Ns(idle));
}
