using Appliance.Native;

namespace Appliance.Datagrams;

/// <summary>
/// Which share of the flows is compared: all, and half as many each time that more is said than can be remembered until it is judged.
/// The programs go by the mask. Reads no clock.
/// </summary>
public sealed class ComparedShare
{
    /// <summary>Datagrams a second of both nodes. Those of two seconds are remembered.</summary>
    public const int MostPerSecond = DatagramComparison.Capacity / 2;

    private const uint LastMask = (1 << 12) - 1;
    private static readonly ulong SecondNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(1));
    private static readonly ulong CalmNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(10));

    private ulong _begunNs;
    private ulong _changedNs;
    private long _said;

    /// <summary>Of the flows' hashes, those that have none of these bits are compared.</summary>
    public uint Mask { get; private set; }

    /// <summary>So many were said; some found no room.</summary>
    /// <returns>True when the mask has changed.</returns>
    public bool Review(int said, bool isLost, ulong nowNs)
    {
        _said += said;
        if (!isLost && nowNs < _begunNs + SecondNs)
        {
            return false;
        }
        var (count, was) = (_said, Mask);
        (_said, _begunNs) = (0, nowNs);
        if (isLost || count > MostPerSecond)
        {
            Mask = Math.Min((Mask << 1) | 1, LastMask);
        }
        else if (count < MostPerSecond / 4 && nowNs >= _changedNs + CalmNs)
        {
            Mask >>= 1;
        }
        _changedNs = Mask != was || isLost ? nowNs : _changedNs;
        return Mask != was;
    }
}
