namespace Appliance.Node;

/// <summary>What an order comes to.</summary>
/// <param name="IsObeyed">False: an older epoch, or another role under the same one. The rest is then empty.</param>
/// <param name="Change">What changes.</param>
/// <param name="ForgetsReplicas">The replicas of before have holes.</param>
/// <param name="LeaseUntilNs">Until when the node may speak, CLOCK_MONOTONIC nanoseconds; 0: the order extends nothing.</param>
public readonly record struct OrderVerdict(bool IsObeyed, RoleChange Change, bool ForgetsReplicas, ulong LeaseUntilNs)
{
    /// <summary>The order is not obeyed.</summary>
    public static OrderVerdict Stale => default;
}
