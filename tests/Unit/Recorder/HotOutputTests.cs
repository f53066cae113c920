using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.Gateway.Recording;
using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>Which nodes a client hears besides the active one, and who is told.</summary>
[TestClass]
public sealed class HotOutputTests
{
    private readonly RecorderScene _scene = new();
    private readonly TestVoices _programs = new();
    private readonly HotOutput _hot;

    public HotOutputTests() => _hot = Over(_scene, OutputPolicy.Hot, _programs);

    [TestMethod]
    public void A_replica_is_heard_once_the_active_node_can_bear_it()
    {
        var flow = _scene.Open();
        _hot.Review();
        Assert.AreEqual(0, flow.Origin, "nobody could be heard yet");

        _scene.Confirm(flow, 1, 0);
        _hot.Review();
        Assert.AreEqual(-1, flow.Origin);
        _scene.Outlet.Epochs[0] = _scene.Recordings.Assignment.Epoch;
        Settle();
        _scene.Run(10);
        var (node, offer) = _scene.Outlet.Offers.Single();
        Assert.AreEqual((0, true), (node, offer.Flags.HasFlag(HandshakeFlags.Original)), "its own connection");
        Assert.IsEmpty(_programs.Calls);

        _scene.Report(flow, 0, 0);
        _hot.Review(flow);
        Assert.AreEqual("set 2, begin", string.Join(", ", _programs.Calls), "the programs come before the nodes");
        Assert.AreEqual("0 hot, 1 hot", Told());
        _hot.Review();
        Assert.AreEqual(1, _hot.Count);
        Assert.AreEqual("0 hot, 1 hot", Told(), "once");
    }

    [TestMethod]
    public void What_only_a_replica_has_received_is_kept_for_the_active_node()
    {
        var flow = Heard();
        _scene.Record(flow, 0, 100);
        _scene.Confirm(flow, 1, 100);
        Assert.AreEqual(0L, flow.Window.Start, "the client was told that it is received");
        _scene.Confirm(flow, 0, 100);
        Assert.AreEqual(100L, flow.Window.Start);
    }

    [TestMethod]
    [DataRow("differs")]
    [DataRow("diverged")]
    [DataRow("lost")]
    [DataRow("over")]
    [DataRow("another policy")]
    [DataRow("excluded")]
    [DataRow("active lost")]
    public void A_voice_is_taken_away(string because)
    {
        var flow = Heard();
        switch (because)
        {
            case "differs":
                _scene.Report(flow, 1, 0, ProgressFlags.Confirmed | ProgressFlags.Differs);
                break;
            case "diverged":
                _scene.Report(flow, 1, 0, ProgressFlags.Confirmed | ProgressFlags.Diverged);
                break;
            case "lost":
                _scene.Lose(flow, 1);
                break;
            case "over":
                _scene.Report(flow, 1, 0, ProgressFlags.Over);
                break;
            case "another policy":
                _hot.SetPolicy(0, OutputPolicy.Silent);
                break;
            case "excluded":
                _scene.Assign(active: 0);
                break;
            default:
                _scene.Lose(flow, 0);
                break;
        }
        _programs.Calls.Clear();
        _scene.Outlet.Voices.Clear();
        _hot.Review();
        Assert.AreEqual("set 0", string.Join(", ", _programs.Calls), "what the client was given is still known");
        Assert.IsFalse(_scene.Outlet.Voices.Exists(v => v.Entry.Order == VoiceOrder.Hot), Told());
        if (flow.Shares[1].IsKnown)
        {
            StringAssert.Contains(Told(), "1 silent", StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_client_that_was_given_what_differs_is_reset_by_the_active_node(bool wasFirst)
    {
        var flow = Heard();
        _programs.First = wasFirst ? 2u : 1u;
        _scene.Outlet.Voices.Clear();
        _programs.Calls.Clear();
        _scene.Report(flow, 1, 0, ProgressFlags.Confirmed | ProgressFlags.Differs);
        _hot.Review(flow);
        _hot.Review();
        Assert.AreEqual(wasFirst ? "set 0, let close" : "set 0", string.Join(", ", _programs.Calls));
        Assert.AreEqual(wasFirst ? "0 silent, 1 silent, 0 end" : "0 silent, 1 silent", Told());
    }

    [TestMethod]
    public void A_difference_that_heals_gives_the_voice_back_without_a_new_beginning()
    {
        var flow = Heard();
        _scene.Report(flow, 1, 0, ProgressFlags.Confirmed | ProgressFlags.Differs);
        _hot.Review(flow);
        _programs.Calls.Clear();
        _scene.Report(flow, 1, 0);
        _hot.Review(flow);
        Assert.AreEqual("set 2", string.Join(", ", _programs.Calls));
        Assert.IsTrue(_scene.Outlet.Voices[^1].Entry.Order == VoiceOrder.Hot);
    }

    [TestMethod]
    public void After_a_failover_the_survivor_is_the_only_voice_and_the_dead_node_is_none()
    {
        var flow = Heard();
        _scene.Assign(active: 1);
        _hot.Review();
        Assert.AreEqual(0u, flow.Voices);
        _scene.Assign(active: 1, replicas: 0);
        _hot.Review();
        Assert.AreEqual(0u, flow.Voices, "it was away: what it had is forgotten");
        Assert.IsFalse(flow.Shares[0].IsKnown);
    }

    [TestMethod]
    public void After_a_switchover_in_good_order_the_roles_of_the_voices_change()
    {
        var flow = Heard();
        _scene.Recordings.PrepareToMove();
        _scene.Assign(active: 1, replicas: 0);
        _hot.Review();
        Assert.AreEqual(1u, flow.Voices);
    }

    [TestMethod]
    public void An_active_node_without_the_connection_is_not_asked_for_ever()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        for (var i = 0; i < 10; i++)
        {
            _hot.Review();
            _scene.Lose(flow, 0);
            Assert.AreEqual(0, flow.Origin, "its connection is its own again");
        }
        Assert.AreEqual(3, flow.Unshared);
        Assert.IsEmpty(_programs.Calls);
    }

    [TestMethod]
    public void A_node_that_has_connected_anew_is_told_again()
    {
        var flow = Heard();
        _scene.Recordings.Unlearn(1);
        _hot.Review();
        Assert.AreEqual(0u, flow.Voices);
        _scene.Outlet.Voices.Clear();
        _scene.Report(flow, 1, 0);
        _hot.Review(flow);
        Assert.AreEqual("0 hot, 1 hot", Told());
    }

    [TestMethod]
    public void What_a_connection_could_not_take_is_told_later()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        _hot.Review();
        _scene.Outlet.IsFull = true;
        _scene.Report(flow, 0, 0);
        _hot.Review(flow);
        Assert.AreEqual(string.Empty, Told());
        _scene.Outlet.IsFull = false;
        _hot.Review();
        Assert.AreEqual("0 hot, 1 hot", Told());
    }

    [TestMethod]
    public void After_a_restart_with_another_policy_the_nodes_are_told()
    {
        var hot = Over(_scene, OutputPolicy.Silent, _programs);
        var flow = _scene.Open();
        hot.Inherit([flow.Key]);
        _scene.Report(flow, 1, 0);
        _scene.Report(flow, 0, 0);
        hot.Review();
        Assert.AreEqual("0 silent, 1 silent", Told());
        hot.Review();
        hot.Review();
        Assert.AreEqual("0 silent, 1 silent", Told(), "once");
    }

    [TestMethod]
    public void A_silent_service_is_left_alone()
    {
        var hot = Over(_scene, OutputPolicy.Silent);
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        hot.Review();
        hot.Review(flow);
        Assert.AreEqual(0, flow.Origin);
        Assert.IsNull(flow.Voices);
    }

    [TestMethod]
    public void A_client_that_hears_several_waits_for_none_that_stands_still()
    {
        var flow = Heard();
        _scene.Record(flow, 0, 500);
        _scene.Confirm(flow, 1, 500);
        Assert.AreEqual(0L, Reached(), "it may only be late");
        _scene.Pass(11);
        Assert.AreEqual(500L, Reached());
        _scene.Confirm(flow, 0, 10);
        Assert.AreEqual(10L, Reached(), "it goes on");

        long Reached() => _scene.Recordings.Reached(flow, 500, 0b11, _scene.Now);
    }

    [TestMethod]
    public void Where_nodes_have_to_agree_they_are_asked_once_both_are_heard()
    {
        var (hot, flow) = Agreeing();
        Assert.AreEqual("set 2 agreed, begin", string.Join(", ", _programs.Calls));
        Assert.AreEqual("0 hot, 1 hot", Told());
        hot.Review();
        Assert.AreEqual("set 2 agreed, begin", string.Join(", ", _programs.Calls), "once");
        Assert.AreEqual(1, hot.Outputs[0].Hot);
        _scene.Assign(active: 1);
        hot.Review();
        Assert.AreEqual("set 2 agreed, begin, set 0 active", string.Join(", ", _programs.Calls), "the survivor goes on alone");
        Assert.AreEqual(VoiceMode.Active, flow.Mode);
    }

    [TestMethod]
    [DataRow(AgreementFallback.Active, "set 0 active")]
    [DataRow(AgreementFallback.Reset, "set 0 nobody")]
    public void A_connection_for_which_there_is_nobody_to_agree_is_not_held_back(AgreementFallback fallback, string expected)
    {
        var hot = Over(_scene, OutputPolicy.Agree, _programs, fallback);
        _scene.Assign(active: 0);
        var flow = _scene.Open();
        hot.Review();
        Assert.AreEqual(expected, string.Join(", ", _programs.Calls));
        if (fallback == AgreementFallback.Reset)
        {
            Assert.IsEmpty(Told(), "it cannot end what is not its replica yet");
            _scene.Report(flow, 0, 0);
            hot.Review(flow);
            StringAssert.EndsWith(Told(), "0 end", StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void A_new_connection_waits_for_its_replica_and_when_that_takes_too_long_goes_on_alone()
    {
        var hot = Over(_scene, OutputPolicy.Agree, _programs);
        var flow = _scene.Open();
        hot.Review();
        Assert.IsEmpty(_programs.Calls, "the programs hold it back by themselves");
        hot.GiveUpWaiting(flow);
        Assert.AreEqual("set 0 active", string.Join(", ", _programs.Calls));
        _programs.Calls.Clear();
        _scene.Confirm(flow, 1, 0);
        _scene.Report(flow, 0, 0);
        hot.Review(flow);
        Assert.AreEqual("set 2 agreed, begin", string.Join(", ", _programs.Calls), "and with it as soon as it is heard");
    }

    [TestMethod]
    public void Who_was_late_is_asked_again_when_it_has_caught_up()
    {
        var (hot, flow) = Agreeing();
        _programs.Calls.Clear();
        hot.GiveUpWaiting(flow);
        Assert.AreEqual("set 2 active", string.Join(", ", _programs.Calls));
        Said(active: 5000, replica: 1000);
        hot.Review();
        Said(active: 9000, replica: 4999);
        hot.Review();
        Assert.AreEqual(VoiceMode.Active, flow.Mode);
        Said(active: 12000, replica: 9000);
        hot.Review();
        Assert.AreEqual(VoiceMode.Agreed, flow.Mode);

        void Said(uint active, uint replica)
        {
            var merge = new Merge { Known = 3 };
            (merge.Sides[0].Sent, merge.Sides[1].Sent) = (active, replica);
            _programs.Merge = merge;
        }
    }

    [TestMethod]
    [DataRow(false, "set 2 nobody, let close", "0 end")]
    [DataRow(true, "set 2 active", "")]
    public void Nodes_that_contradict_one_another_are_not_heard(bool carries, string programs, string told)
    {
        var (hot, flow) = Agreeing(carries);
        _programs.Calls.Clear();
        _scene.Outlet.Voices.Clear();
        hot.Contest(flow);
        Assert.AreEqual(programs, string.Join(", ", _programs.Calls));
        Assert.AreEqual(told, Told());
    }

    [TestMethod]
    public void What_the_nodes_themselves_find_is_a_contradiction_too()
    {
        var (hot, flow) = Agreeing();
        _programs.Calls.Clear();
        _scene.Report(flow, 1, 0, ProgressFlags.Confirmed | ProgressFlags.Differs);
        hot.Review(flow);
        Assert.AreEqual("set 0 nobody, let close", string.Join(", ", _programs.Calls));
        hot.Contest(flow);
        Assert.AreEqual(1L, hot.Contests, "once");
    }

    private (HotOutput Hot, RecordedFlow Flow) Agreeing(bool carries = false)
    {
        var hot = Over(_scene, OutputPolicy.Agree, _programs, carries: carries);
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        hot.Review();
        _scene.Report(flow, 0, 0);
        hot.Review(flow);
        return (hot, flow);
    }

    private static HotOutput Over(
        RecorderScene scene, OutputPolicy policy, TestVoices? programs = null, AgreementFallback fallback = AgreementFallback.Active, bool carries = false) =>
        new(scene.Recordings, scene.Desk, scene.Outlet, programs ?? new TestVoices(), [new HotOutput.Service(policy, carries)], fallback, static _ => 0);

    /// <summary>A connection whose client hears node 1, too.</summary>
    private RecordedFlow Heard()
    {
        var flow = _scene.Open();
        _scene.Confirm(flow, 1, 0);
        _hot.Review();
        _scene.Report(flow, 0, 0);
        _hot.Review(flow);
        Assert.AreEqual(2u, flow.Voices);
        return flow;
    }

    private void Settle()
    {
        _scene.Settle(0);
        _scene.Settle(1);
    }

    private string Told() => string.Join(", ", _scene.Outlet.Voices.Select(v => $"{v.Node} {v.Entry.Order.ToString().ToLowerInvariant()}"));

    private sealed class TestVoices : IVoices
    {
        public List<string> Calls { get; } = [];

        public void SetAgreeing(IReadOnlyList<bool> services)
        {
        }

        public void Set(in FlowKey key, in Voice voice, int active) => Calls.Add($"set {voice.Nodes}" + (voice.Mode == VoiceMode.First ? string.Empty : $" {voice.Mode.ToString().ToLowerInvariant()}"));

        public void Remove(in FlowKey key) => Calls.Add("remove");

        public uint First { get; set; }

        public Merge Merge { get; set; }

        public bool TryRead(in FlowKey key, uint clientIsn, out Merge merge)
        {
            merge = Merge;
            return merge.Known != 0;
        }

        public uint FirstOf(in FlowKey key, uint clientIsn) => First;

        public void LetClose(in FlowKey key) => Calls.Add("let close");

        public void Begin(in FlowKey key, uint clientIsn, uint received) => Calls.Add("begin");
    }
}
