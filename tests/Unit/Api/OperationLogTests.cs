using Appliance.Gateway.Api.Orders;
using Appliance.Gateway.Failover;

namespace Appliance.Tests.Unit.Api;

/// <summary>What becomes of orders, and of those that are repeated.</summary>
[TestClass]
public sealed class OperationLogTests
{
    private static readonly Order s_planned = new(OperationKind.Planned, null, AcceptLoss: false);

    private readonly OperationLog _log = new(TimeProvider.System);

    [TestMethod]
    public async Task An_operation_runs_and_ends()
    {
        var changes = new List<OperationState>();
        _log.Changed = o => changes.Add(o.State);
        var hold = new TaskCompletionSource();
        var (now, end) = _log.Begin(s_planned, "alice", null, async progress =>
        {
            progress.Step("waits");
            await hold.Task;
            progress.Succeed(7, "node2", Cause.Planned);
        })!.Value;
        Assert.AreEqual(OperationState.Running, now.State);
        Assert.AreEqual("waits", _log.Find(now.Id)!.Steps.Single().Text);
        hold.SetResult();
        var done = await end;
        Assert.AreEqual((OperationState.Succeeded, 7UL, "node2", "alice"), (done.State, done.Epoch!.Value, done.Active!, done.By));
        Assert.IsNotNull(done.CompletedAt);
        CollectionAssert.AreEqual(new[] { OperationState.Running, OperationState.Running, OperationState.Succeeded }, changes);
    }

    [TestMethod]
    public async Task A_failure_says_why()
    {
        var (_, end) = _log.Begin(s_planned, "alice", null, progress =>
        {
            progress.Fail("no replica");
            return Task.CompletedTask;
        })!.Value;
        Assert.AreEqual((OperationState.Failed, "no replica"), ((await end).State, (await end).Problem!));
    }

    [TestMethod]
    public async Task A_bug_is_a_failure_and_not_for_ever_under_way()
    {
        var (_, end) = _log.Begin(s_planned, "alice", null, _ => throw new InvalidOperationException("a bug"))!.Value;
        StringAssert.Contains((await end).Problem!, "a bug", StringComparison.Ordinal);
        Assert.IsTrue((await end).IsOver);
    }

    [TestMethod]
    public async Task The_same_request_under_the_same_key_is_carried_out_once()
    {
        var runs = 0;
        var first = _log.Begin(s_planned, "alice", "k", CarryOut)!.Value;
        var second = _log.Begin(s_planned, "alice", "k", CarryOut)!.Value;
        Assert.AreEqual((await first.End).Id, (await second.End).Id);
        Assert.AreEqual(1, runs);

        Task CarryOut(OperationProgress progress)
        {
            runs++;
            progress.Succeed(1, "node1", null);
            return Task.CompletedTask;
        }
    }

    [TestMethod]
    public void A_key_is_its_owners_and_its_requests()
    {
        var first = _log.Begin(s_planned, "alice", "k", Done)!.Value.Now;
        Assert.IsNull(_log.Begin(s_planned with { AcceptLoss = true }, "alice", "k", Done), "another request");
        Assert.AreNotEqual(first.Id, _log.Begin(s_planned, "bob", "k", Done)!.Value.Now.Id);
        Assert.AreNotEqual(first.Id, _log.Begin(s_planned, "alice", null, Done)!.Value.Now.Id);
    }

    [TestMethod]
    public void Old_ones_are_forgotten_and_running_ones_are_not()
    {
        var running = _log.Begin(s_planned, "alice", null, _ => new TaskCompletionSource().Task)!.Value.Now;
        for (var i = 0; i < OperationLog.Kept + 10; i++)
        {
            _log.Begin(s_planned, "alice", null, Done);
        }
        Assert.IsNotNull(_log.Find(running.Id));
        Assert.IsNull(_log.Find("20000101000000-1"));
    }

    private static Task Done(OperationProgress progress)
    {
        progress.Succeed(1, "node1", null);
        return Task.CompletedTask;
    }
}
