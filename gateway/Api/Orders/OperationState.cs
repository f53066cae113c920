namespace Appliance.Gateway.Api.Orders;

/// <summary>How an operation is.</summary>
public enum OperationState
{
    /// <summary>Under way.</summary>
    Running,

    /// <summary>Done.</summary>
    Succeeded,

    /// <summary>Not done; everything is as it was.</summary>
    Failed,
}
