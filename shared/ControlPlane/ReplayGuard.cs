namespace Appliance.ControlPlane;

/// <summary>
/// Knows each datagram of a sender. Redundant links deliver the same datagram twice and out of order, so a window
/// of the last 64 sequence numbers is kept, as in IPsec (RFC 4303 section 3.4.3). A restarted sender has a later instance.
/// </summary>
public sealed class ReplayGuard
{
    private const int Window = 64;

    private ulong _instance;
    private ulong _highest;
    private ulong _seen;

    /// <summary>
    /// Makes way for an instance that is earlier than the one that is known: its sender's clock went back before it restarted.
    /// To be called only when nothing fresh was heard for long.
    /// </summary>
    public void AcceptEarlier(ulong instance)
    {
        if (instance < _instance)
        {
            (_instance, _highest, _seen) = (0, 0, 0);
        }
    }

    /// <summary>
    /// <see cref="Freshness.New"/> exactly once per datagram; <see cref="Freshness.Duplicate"/> for its copy over another
    /// link; <see cref="Freshness.Stale"/> for an earlier instance or one too old to tell.
    /// </summary>
    public Freshness Judge(ulong instance, ulong sequence)
    {
        if (instance < _instance)
        {
            return Freshness.Stale;
        }
        if (instance > _instance)
        {
            (_instance, _highest, _seen) = (instance, sequence, 1);
            return Freshness.New;
        }
        if (sequence > _highest)
        {
            var advance = sequence - _highest;
            _seen = advance >= Window ? 1 : (_seen << (int)advance) | 1;
            _highest = sequence;
            return Freshness.New;
        }
        var age = _highest - sequence;
        if (age >= Window)
        {
            return Freshness.Stale;
        }
        if ((_seen & (1UL << (int)age)) != 0)
        {
            return Freshness.Duplicate;
        }
        _seen |= 1UL << (int)age;
        return Freshness.New;
    }
}
