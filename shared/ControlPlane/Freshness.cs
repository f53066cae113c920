namespace Appliance.ControlPlane;

/// <summary>What <see cref="ReplayGuard"/> says of a datagram.</summary>
public enum Freshness
{
    New,
    Duplicate,
    Stale,
}
