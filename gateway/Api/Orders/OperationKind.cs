namespace Appliance.Gateway.Api.Orders;

/// <summary>What can be ordered.</summary>
public enum OperationKind
{
    /// <summary>Move the service; both nodes go on.</summary>
    Planned,

    /// <summary>Move the service at once, whatever it costs.</summary>
    Forced,

    /// <summary>Keep a node out.</summary>
    Drain,

    /// <summary>Let it in again.</summary>
    Undrain,
}
