using Appliance.Configuration;
using Appliance.Gateway.Api.Status;
using Appliance.Gateway.Control;
using Appliance.Gateway.Failover;

namespace Appliance.Gateway.Api.Orders;

/// <summary>Carries out what is ordered, by asking the control loop for it, and says in words how that went.</summary>
public sealed class OrderDesk(ControlLoop control, StatusReader status, GatewayOptions options, TimeProvider time)
{
    private static readonly TimeSpan PlanPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PlanPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Carries an order out, to its end.</summary>
    public Task CarryOutAsync(Order order, OperationProgress progress) => order.Kind switch
    {
        OperationKind.Forced => ForceAsync(progress),
        OperationKind.Planned => MoveAsync(order.AcceptLoss, () => control.PlanAsync(), progress),
        OperationKind.Drain => DrainAsync(IndexOf(order.Node!), order.AcceptLoss, progress),
        OperationKind.Undrain => AdmitAsync(IndexOf(order.Node!), progress),
        _ => throw new InvalidOperationException("unknown order"),
    };

    private int IndexOf(string node) => options.Nodes.TakeWhile(n => n.Name != node).Count();

    private async Task ForceAsync(OperationProgress progress)
    {
        if (await control.ForceAsync() is { } decision)
        {
            Succeed(decision, progress);
        }
        else
        {
            progress.Fail("No live replica could take the service over; see /api/v1/status for the state of the nodes.");
        }
    }

    private async Task DrainAsync(int node, bool acceptLoss, OperationProgress progress)
    {
        if (control.Status.Assignment.Active == node)
        {
            await MoveAsync(acceptLoss, () => control.DrainAsync(node), progress);
            return;
        }
        var assignment = control.Status.Assignment;
        if (assignment.Replicas == 1 << node)
        {
            progress.Step($"{options.Nodes[node].Name} was the only replica: clients are unprotected until a node is let in");
        }
        var (decision, refusal) = await control.DrainAsync(node);
        Conclude(decision, refusal, progress);
    }

    private async Task AdmitAsync(int node, OperationProgress progress)
    {
        await control.AdmitAsync(node);
        progress.Step($"{options.Nodes[node].Name} joins with its next heartbeat");
        Conclude(null, PlanRefusal.None, progress);
    }

    /// <summary>
    /// Refused when it would cost a connection: those without a replica that follows. What may be over in a moment is waited for:
    /// a node that joins, connections that are just being replicated.
    /// </summary>
    private async Task MoveAsync(bool acceptLoss, Func<Task<(Decision? Decision, PlanRefusal Refusal)>> order, OperationProgress progress)
    {
        var started = time.GetTimestamp();
        var waitedFor = string.Empty;
        while (true)
        {
            var unprotected = acceptLoss ? 0 : status.Unprotected();
            var (decision, refusal) = unprotected > 0 ? (null, PlanRefusal.None) : await order();
            var reason = unprotected > 0 ? "connections that have no replica yet" : refusal is PlanRefusal.NoReplica or PlanRefusal.UnderWay ? "a replica" : string.Empty;
            if (reason.Length == 0 || time.GetElapsedTime(started) > PlanPatience)
            {
                if (unprotected > 0)
                {
                    progress.Fail($"{unprotected} open connections have no replica that follows and would be lost. Wait until they end (GET /api/v1/flows names them), or repeat the order with \"acceptLoss\": true.");
                }
                else
                {
                    Conclude(decision, refusal, progress);
                }
                return;
            }
            if (reason != waitedFor)
            {
                progress.Step($"waits for {reason}");
                waitedFor = reason;
            }
            await Task.Delay(PlanPause, time);
        }
    }

    private void Conclude(Decision? decision, PlanRefusal refusal, OperationProgress progress)
    {
        if (refusal == PlanRefusal.None && decision?.Cause != Cause.PlanAborted)
        {
            Succeed(decision, progress);
            return;
        }
        progress.Fail(refusal switch
        {
            PlanRefusal.None => "The replica did not answer in time; the service stays where it was, and nothing was lost.",
            PlanRefusal.NoActive => "The active node is silent: there is nothing to plan. The failover of a dead node needs no order; \"forced\" moves the service at once.",
            PlanRefusal.NoReplica => "No live replica obeys the epoch in force; see /api/v1/status for the state of the nodes.",
            PlanRefusal.ReplicaServers => "A server that the active node has is missing on the replica: start it there first, or order \"forced\".",
            _ => "A switchover is under way.",
        });
    }

    private void Succeed(Decision? decision, OperationProgress progress)
    {
        var assignment = decision?.Order ?? control.Status.Assignment;
        progress.Succeed(assignment.Epoch, assignment.Active < 0 ? string.Empty : options.Nodes[assignment.Active].Name, decision?.Cause);
    }
}
