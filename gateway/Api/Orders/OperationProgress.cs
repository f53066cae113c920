using Appliance.Gateway.Failover;

namespace Appliance.Gateway.Api.Orders;

/// <summary>What whoever carries out an operation tells of it.</summary>
public sealed class OperationProgress(TimeProvider time, Action<Func<Operation, Operation>> update)
{
    /// <summary>A step.</summary>
    public void Step(string text) => update(o => o with { Steps = [.. o.Steps, new OperationStep(time.GetUtcNow(), text)] });

    /// <summary>It is done.</summary>
    public void Succeed(ulong epoch, string active, Cause? cause) => update(o => o with
    {
        State = OperationState.Succeeded, Epoch = epoch, Active = active, Cause = cause, CompletedAt = time.GetUtcNow(),
    });

    /// <summary>It is not done, and everything is as it was.</summary>
    public void Fail(string problem) => update(o => o with { State = OperationState.Failed, Problem = problem, CompletedAt = time.GetUtcNow() });
}
