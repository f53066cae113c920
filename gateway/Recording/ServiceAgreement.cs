namespace Appliance.Gateway.Recording;

/// <summary>
/// Are the servers of a service alike at all? When most of its connections diverge, those that have not been found to are no
/// better protected than luck would have it.
/// </summary>
public sealed class ServiceAgreement
{
    /// <summary>Fewer connections prove nothing about the service.</summary>
    public const int Least = 10;

    /// <summary>The service's servers differ: none of its connections counts as protected.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>
    /// Takes in a count of open connections, and of those that have diverged: half of them end the agreement, less than a tenth
    /// begin it again.
    /// </summary>
    /// <returns>True when it has changed.</returns>
    public bool Look(int open, int diverged)
    {
        var was = IsBroken;
        IsBroken = IsBroken ? diverged * 10 >= open && open > 0 : open >= Least && diverged * 2 >= open;
        return IsBroken != was;
    }
}
