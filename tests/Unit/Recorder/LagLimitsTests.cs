using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording;
using Appliance.Recording;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>When a client is held back for its replica, how far, and when it is told. The window is 1,000 bytes.</summary>
[TestClass]
public sealed class LagLimitsTests
{
    private const int Window = 1000;

    private readonly RecorderScene _scene = new(windowBytes: Window);
    private readonly TestWindows _clients;
    private readonly LagLimits _limits;

    public LagLimitsTests()
    {
        _clients = new TestWindows(_scene);
        _limits = new LagLimits(_scene.Recordings, _clients, Standing(_scene, _clients), Window) { LiveNodes = 0b11 };
    }

    [TestMethod]
    public void Up_to_half_the_window_a_replica_may_lag()
    {
        var flow = InStep();
        Send(flow, 0, 500);
        _limits.Review(flow);
        Assert.IsEmpty(_clients.Narrowed);
        Send(flow, 500, 1);
        _limits.Review(flow);
        Assert.AreEqual((RecorderScene.ClientIsn, RecorderScene.Sequence(Window)), _clients.LimitOf(flow));
        Assert.AreEqual(1, _limits.Count);
    }

    [TestMethod]
    public void The_edge_follows_the_replica_in_steps()
    {
        var flow = Limited();
        _scene.Confirm(flow, 1, 61);
        _limits.ReviewLimited();
        Assert.AreEqual(RecorderScene.Sequence(Window), _clients.LimitOf(flow).Right);
        _scene.Confirm(flow, 1, 62);
        _limits.ReviewLimited();
        Assert.AreEqual(RecorderScene.Sequence(Window + 62), _clients.LimitOf(flow).Right);
    }

    [TestMethod]
    public void The_edge_never_goes_back()
    {
        var scene = new RecorderScene(RecordPolicy.Full, Window);
        var clients = new TestWindows(scene);
        var limits = new LagLimits(scene.Recordings, clients, Standing(scene, clients), Window) { LiveNodes = 0b11 };
        var flow = scene.Open();
        scene.Record(flow, 0, 900);
        scene.Confirm(flow, 1, 200);
        limits.Review(flow);
        Assert.AreEqual(RecorderScene.Sequence(Window + 200), clients.LimitOf(flow).Right);
        scene.Recordings.Lose(flow, 1);
        scene.Confirm(flow, 1, 0); // its successor begins anew
        limits.ReviewLimited();
        Assert.AreEqual(RecorderScene.Sequence(Window + 200), clients.LimitOf(flow).Right);
    }

    [TestMethod]
    public void It_is_lifted_when_the_replica_has_come_half_the_way_back()
    {
        var flow = Limited(sent: 600);
        _scene.Confirm(flow, 1, 349);
        _limits.ReviewLimited();
        Assert.AreEqual(1, _limits.Count);
        _scene.Confirm(flow, 1, 350);
        _limits.ReviewLimited();
        Assert.AreEqual(0, _limits.Count);
        Assert.IsEmpty(_clients.Narrowed);
        Assert.IsNull(flow.Limit);
    }

    [TestMethod]
    public void What_the_client_has_sent_and_nobody_has_read_counts_too()
    {
        var flow = InStep();
        Pass(flow, 501);
        _limits.Review(flow);
        Assert.IsEmpty(_clients.Narrowed, "a look at the programs' table for each record would be too much");
        _limits.ReviewUnread(flow, 500);
        Assert.IsEmpty(_clients.Narrowed, "there is too little in the ring to be worth a look");
        _limits.ReviewUnread(flow, 501);
        Assert.HasCount(1, _clients.Narrowed);
        _scene.Confirm(flow, 1, 100);
        _limits.ReviewLimited();
        Assert.AreEqual(1, _limits.Count, "it is held back until the replica has that as well");
    }

    [TestMethod]
    public void Only_replicas_that_follow_now_hold_a_client_back()
    {
        var flow = InStep();
        Send(flow, 0, 900);
        _limits.LiveNodes = 0b01;
        _limits.Review(flow);
        Assert.IsEmpty(_clients.Narrowed, "its node is dead");
        _limits.LiveNodes = 0b11;
        _scene.Recordings.GiveUp(flow, 1);
        _limits.Review(flow);
        Assert.IsEmpty(_clients.Narrowed, "it cannot catch up");
    }

    [TestMethod]
    public void When_the_replica_dies_the_client_goes_on_at_once()
    {
        var flow = Limited();
        _limits.LiveNodes = 0b01;
        _limits.ReviewLimited();
        Assert.IsEmpty(_clients.Narrowed);
    }

    [TestMethod]
    public void A_connection_that_is_over_is_not_limited_any_more()
    {
        var flow = Limited();
        _scene.Recordings.Close(flow, _scene.Now);
        _limits.ReviewLimited();
        Assert.IsEmpty(_clients.Narrowed);
        Assert.IsEmpty(_clients.Told, "nobody is there to be told");
    }

    [TestMethod]
    public void A_client_that_stands_at_the_edge_is_told_when_it_moves()
    {
        var flow = Limited();
        _scene.Change(flow, f => f with { ClientNext = RecorderScene.Sequence(900), Edge = RecorderScene.Sequence(1000), ServerAck = RecorderScene.Sequence(890) });
        _scene.Confirm(flow, 1, 300);
        _limits.ReviewLimited();
        Assert.AreEqual(RecorderScene.Sequence(890), _clients.Told.Single(), "no more than what this very server has");
        _scene.Change(flow, f => f with { Edge = RecorderScene.Sequence(1150) });
        _scene.Confirm(flow, 1, 400);
        _limits.ReviewLimited();
        Assert.HasCount(1, _clients.Told, "this one has room");
    }

    [TestMethod]
    public void After_a_takeover_the_client_is_told_through_the_server_that_speaks_now()
    {
        var scene = new RecorderScene(windowBytes: Window, nodes: 3);
        var clients = new TestWindows(scene);
        var limits = new LagLimits(scene.Recordings, clients, Standing(scene, clients), Window) { LiveNodes = 0b111 };
        var flow = scene.Open();
        scene.Confirm(flow, 1, 0);
        scene.Confirm(flow, 2, 0);
        scene.Record(flow, 0, 900);
        scene.Confirm(flow, 1, 700);
        scene.Assign(active: 1, replicas: 2);
        scene.Change(flow, f => f with { Edge = RecorderScene.Sequence(900), ServerAck = RecorderScene.Sequence(850) });
        limits.Review(flow);
        Assert.AreEqual(RecorderScene.Sequence(700), clients.Told.Single(), "what the dead one had acknowledged says nothing of it");
    }

    [TestMethod]
    public void Where_the_client_hears_several_all_are_made_to_speak_below_what_each_has()
    {
        var flow = InStep();
        flow.Origin = -1;
        _scene.Confirm(flow, 0, 0);
        flow.Voices = 2;
        Send(flow, 0, 900);
        _scene.Confirm(flow, 0, 300);
        _scene.Confirm(flow, 1, 200);
        _limits.NowNs = _scene.Now;
        _limits.Review(flow);
        Assert.AreEqual((RecorderScene.Sequence(200), 1), (_clients.Told.Single(), _clients.ToldAll));
    }

    [TestMethod]
    public void Another_connection_of_the_same_ends_is_not_told()
    {
        var flow = InStep();
        Send(flow, 0, 900);
        _scene.Change(flow, f => f with { Handshake = RecorderScene.Handshake(isn: 7) });
        _limits.Review(flow);
        Assert.IsEmpty(_clients.Told);
    }

    [TestMethod]
    public void A_node_that_comes_back_lets_the_client_go_on_half_as_fast_as_it_catches_up()
    {
        var flow = InStep();
        flow.Voices = 2;
        Send(flow, 0, 9000);
        _scene.Change(flow, f => f with { Edge = RecorderScene.Sequence(9000), ClientNext = RecorderScene.Sequence(9000) });
        _limits.NowNs = _scene.Now + RecorderScene.Ms(11);
        _limits.Review(flow);
        Assert.IsEmpty(_clients.Narrowed, "it stands still");
        _limits.NowNs = _scene.Now;
        _scene.Confirm(flow, 1, 1000);
        _limits.Review(flow);
        Assert.AreEqual(RecorderScene.Sequence(10_000), _clients.LimitOf(flow).Right);
        _scene.Confirm(flow, 1, 3000);
        _limits.Review(flow);
        Assert.AreEqual(RecorderScene.Sequence(11_000), _clients.LimitOf(flow).Right);
        _limits.NowNs = _scene.Now + RecorderScene.Ms(90);
        _limits.Review(flow);
        Assert.AreEqual(RecorderScene.Sequence(11_000 + (90 * Window / 1024)), _clients.LimitOf(flow).Right, "and a little by itself");
        _scene.Confirm(flow, 1, 8970);
        _limits.Review(flow);
        Assert.IsEmpty(_clients.Narrowed);
    }

    private static StandingClients Standing(RecorderScene scene, TestWindows clients) => new(scene.Recordings, clients, RecorderScene.Ms(4));

    private RecordedFlow InStep()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        return flow;
    }

    /// <summary>A flow whose client is held back, and has room, so that it need not be told.</summary>
    private RecordedFlow Limited(int sent = 900)
    {
        var flow = InStep();
        Send(flow, 0, sent);
        _scene.Change(flow, f => f with { Edge = RecorderScene.Sequence(5000) });
        _limits.Review(flow);
        Assert.AreEqual(1, _limits.Count);
        return flow;
    }

    private void Send(RecordedFlow flow, long offset, int length) => _scene.Record(flow, offset, length);

    /// <summary>The client's bytes have passed, and are still in the ring.</summary>
    private void Pass(RecordedFlow flow, long upTo) => _scene.Change(flow, f => f with { ClientNext = RecorderScene.Sequence(upTo) });

    internal sealed class TestWindows(RecorderScene scene) : IClientWindows
    {
        public Dictionary<FlowKey, Limit> Narrowed { get; } = [];

        public List<uint> Told { get; } = [];

        public (uint ClientIsn, uint Right) LimitOf(RecordedFlow flow) => (Narrowed[flow.Key].ClientIsn, Narrowed[flow.Key].Right);

        public bool TryFind(in FlowKey key, out Flow flow) => scene.Find(key, out flow);

        public int ToldAll { get; private set; }

        public void Narrow(in FlowKey key, in Limit limit) => Narrowed[key] = limit;

        public void Widen(in FlowKey key) => Narrowed.Remove(key);

        public void Tell(in FlowKey key, in Flow flow, uint received, bool all = false)
        {
            Told.Add(received);
            ToldAll += all ? 1 : 0;
        }
    }
}
