namespace Appliance.Gateway.Recording.Store;

/// <summary>How the store is.</summary>
public enum StoreState
{
    /// <summary>Not reached yet; what is appended waits.</summary>
    Connecting,

    /// <summary>Everything that is appended gets written.</summary>
    Ready,

    /// <summary>Nothing can be appended; <see cref="StoreStatus.Reason"/> tells why. The gateway goes on from memory.</summary>
    Degraded,

    /// <summary>There is none: <c>recorder.redis: none</c>.</summary>
    Off,
}
