using Appliance.Native;

namespace Appliance.Gateway.Failover;

/// <summary>
/// How long a node may be silent before it is suspected. Where <paramref name="most"/> is above <paramref name="least"/>, it follows how
/// late the node's heartbeats come: twice the longest gap of the last minutes, which is forgotten by half every minute. Pure.
/// </summary>
/// <remarks>
/// A peak instead of a mean and a variance (Chen, Toueg and Aguilera 2002; Bertier et al. 2002): what makes a busy host late
/// is a stall now and then, which moves neither. A gap beyond <paramref name="most"/> is an outage, and teaches nothing.
/// </remarks>
/// <param name="interval">Between two heartbeats.</param>
/// <param name="least">The limit on a punctual host.</param>
/// <param name="most">The limit whatever the host does.</param>
public sealed class SilenceLimit(TimeSpan interval, TimeSpan least, TimeSpan most)
{
    private const double Margin = 2;
    private const double HalfLifeNs = 60e9;

    private readonly double _intervalNs = MonotonicClock.Nanoseconds(interval);
    private readonly double _leastNs = MonotonicClock.Nanoseconds(least);
    private readonly double _mostNs = MonotonicClock.Nanoseconds(most > least ? most : least);
    private ulong _heardNs;
    private double _latenessNs;

    /// <summary>The limit now, nanoseconds.</summary>
    public ulong Ns => (ulong)Math.Clamp(Margin * (_intervalNs + _latenessNs), _leastNs, _mostNs);

    /// <summary>A heartbeat has come.</summary>
    public void OnHeartbeat(ulong nowNs)
    {
        var gapNs = (double)(_heardNs == 0 || nowNs < _heardNs ? 0 : nowNs - _heardNs);
        _heardNs = nowNs;
        _latenessNs *= double.Exp2(-gapNs / HalfLifeNs);
        if (gapNs <= _mostNs)
        {
            _latenessNs = Math.Max(_latenessNs, gapNs - _intervalNs);
        }
    }
}
