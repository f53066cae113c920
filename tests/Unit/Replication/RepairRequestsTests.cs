using Appliance.Node.Repair;

namespace Appliance.Tests.Unit.Replication;

/// <summary>What is asked of the gateway at a time, and what becomes of a request that it does not answer.</summary>
[TestClass]
public sealed class RepairRequestsTests
{
    private const uint Half = RepairRequests.MostBytes / 2;
    private const ulong Asked = 1_000_000_000;

    private readonly RepairRequests _requests = new();
    private readonly WatchedReplica _first = new();
    private readonly WatchedReplica _second = new();
    private readonly WatchedReplica _third = new();

    [TestMethod]
    public void What_is_asked_for_at_a_time_is_bounded()
    {
        Ask(_first, Half);
        Assert.IsTrue(_requests.HasRoom);
        Ask(_second, Half);
        Assert.IsFalse(_requests.HasRoom);
        _requests.Answered(_first);
        Assert.IsTrue(_requests.HasRoom);
    }

    [TestMethod]
    public void A_single_request_may_be_for_more()
    {
        Ask(_first, 4 * RepairRequests.MostBytes);
        Assert.IsFalse(_requests.HasRoom);
        _requests.Answered(_first);
        Assert.IsTrue(_requests.HasRoom);
    }

    [TestMethod]
    public void A_request_that_a_later_one_has_overtaken_is_made_again()
    {
        Ask(_first, Half);
        Ask(_second, Half);
        Ask(_third, Half);
        _requests.Answered(_second);
        Assert.AreEqual((0ul, 0ul, Asked), (_first.AskedNs, _second.AskedNs, _third.AskedNs), "the third is still to come");
        Assert.IsTrue(_requests.HasRoom);
    }

    [TestMethod]
    public void An_answer_to_nobody_changes_nothing()
    {
        Ask(_first, Half);
        Ask(_second, Half);
        _requests.Answered(_third);
        Assert.IsFalse(_requests.HasRoom);
        Assert.AreEqual((Asked, Asked), (_first.AskedNs, _second.AskedNs));
    }

    [TestMethod]
    public void Of_two_requests_of_one_replica_the_first_is_answered_first()
    {
        Ask(_first, Half);
        Ask(_first, Half);
        _requests.Answered(_first);
        Assert.IsTrue(_requests.HasRoom);
        Assert.AreEqual((1, Asked), (_first.OpenRequests, _first.AskedNs));
    }

    [TestMethod]
    [DataRow(0u, 49.9, false)]
    [DataRow(0u, 50, true)]
    [DataRow(30u, 79.9, false, DisplayName = "others are answered")]
    [DataRow(30u, 80, true, DisplayName = "others were answered")]
    public void When_nothing_comes_for_50_ms_all_may_be_asked_for_again(uint arrivedMs, double nowMs, bool isExpired)
    {
        Ask(_first, Half);
        _requests.Add(_second, Half, Asked + Ms(20));
        _second.AskedNs = Asked + Ms(20);
        _requests.Expire(arrivedMs == 0 ? 0 : Asked + Ms(arrivedMs), Asked + Ms(nowMs));
        Assert.AreEqual(isExpired, _requests.HasRoom);
        Assert.AreEqual((isExpired, isExpired), (_first.AskedNs == 0, _second.AskedNs == 0));
    }

    [TestMethod]
    public void After_a_new_connection_nothing_is_awaited()
    {
        Ask(_first, Half);
        Ask(_second, Half);
        _requests.Clear();
        Assert.IsTrue(_requests.HasRoom);
        Assert.AreEqual((0, 0, 0ul, 0ul), (_first.OpenRequests, _second.OpenRequests, _first.AskedNs, _second.AskedNs));
    }

    private static ulong Ms(double milliseconds) => (ulong)(milliseconds * 1e6);

    private void Ask(WatchedReplica replica, uint bytes)
    {
        _requests.Add(replica, bytes, Asked);
        replica.AskedNs = Asked;
    }
}
