using Appliance.Gateway.Recording;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>When servers are asked to tell a client its window that stands at its edge. The patience is 4 ms.</summary>
[TestClass]
public sealed class StandingClientsTests
{
    private const int PatienceMs = 4;

    private readonly RecorderScene _scene = new(windowBytes: 1 << 20);
    private readonly LagLimitsTests.TestWindows _clients;
    private readonly StandingClients _standing;

    public StandingClientsTests()
    {
        _clients = new LagLimitsTests.TestWindows(_scene);
        _standing = new StandingClients(_scene.Recordings, _clients, RecorderScene.Ms(PatienceMs));
    }

    [TestMethod]
    public void Who_has_stood_at_the_edge_for_long_enough_is_told()
    {
        var flow = Busy(room: 0);
        After(PatienceMs - 1);
        Assert.IsEmpty(_clients.Told);
        After(PatienceMs);
        Assert.HasCount(1, _clients.Told);
        Assert.AreEqual((RecorderScene.Sequence(700), 1), (_clients.Told[0], _clients.ToldAll), "below what every server has, so that each of them may answer");
    }

    [TestMethod]
    public void Who_has_room_needs_not_be_told()
    {
        Busy(room: 16 << 10);
        After(PatienceMs);
        Assert.IsEmpty(_clients.Told);
    }

    [TestMethod]
    public void While_something_moves_it_is_looked_at_again()
    {
        var flow = Busy(room: 0);
        _scene.Change(flow, f => f with { LastNs = _scene.Now + RecorderScene.Ms(3) });
        After(PatienceMs);
        Assert.IsEmpty(_clients.Told);
        After(2 * PatienceMs);
        Assert.HasCount(1, _clients.Told);
    }

    [TestMethod]
    public void A_server_that_reads_nothing_is_not_asked_for_ever()
    {
        var flow = Busy(room: 0);
        for (var ms = 0; ms < 100; ms += PatienceMs)
        {
            After(ms);
        }
        Assert.HasCount(12, _clients.Told);
        _standing.Note(flow, isFilling: false);
        After(200);
        Assert.HasCount(13, _clients.Told, "its client has sent something since");
    }

    [TestMethod]
    public void A_client_that_hears_one_node_is_told_by_that_one()
    {
        var flow = Busy(room: 0, voices: 0);
        After(PatienceMs);
        Assert.IsEmpty(_clients.Told);
        _standing.Wake(flow, room: 1);
        Assert.HasCount(1, _clients.Told);
    }

    [TestMethod]
    public void While_the_ring_fills_nobody_is_asked_and_afterwards_everybody()
    {
        var flow = Busy(room: 0, voices: 0, isFilling: true);
        _standing.IsFilling = true;
        for (var ms = 0; ms < 100; ms += PatienceMs)
        {
            After(ms);
        }
        Assert.IsEmpty(_clients.Told);
        _standing.IsFilling = false;
        After(104);
        Assert.HasCount(1, _clients.Told);
    }

    [TestMethod]
    public void Another_connection_of_the_same_ends_is_not_told()
    {
        var flow = Busy(room: 0);
        _scene.Change(flow, f => f with { Handshake = RecorderScene.Handshake(isn: 7) });
        After(PatienceMs);
        Assert.IsEmpty(_clients.Told);
    }

    private RecordedFlow Busy(int room, uint voices = 0b10, bool isFilling = false)
    {
        var flow = _scene.Open();
        flow.Origin = -1;
        flow.Voices = voices;
        _scene.Record(flow, 0, 900);
        _scene.Confirm(flow, 0, 900);
        _scene.Confirm(flow, 1, 700);
        _scene.Change(flow, f => f with
        {
            ClientNext = RecorderScene.Sequence(900), Edge = RecorderScene.Sequence(900 + room), ServerAck = RecorderScene.Sequence(900), LastNs = _scene.Now,
        });
        _standing.NowNs = _scene.Now;
        _standing.Note(flow, isFilling);
        return flow;
    }

    private void After(int ms)
    {
        _standing.NowNs = _scene.Now + RecorderScene.Ms(ms);
        _standing.Review();
    }
}
