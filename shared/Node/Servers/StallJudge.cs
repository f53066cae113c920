namespace Appliance.Node.Servers;

/// <summary>
/// Tells how long servers have left their input unread: input waits somewhere, and nobody takes any of it, nor of what
/// comes on other connections. One connection whose server takes its time is no stall. A pure state machine: what was looked
/// up goes in.
/// </summary>
public sealed class StallJudge
{
    private readonly Dictionary<ulong, (ulong Taken, bool Waits)> _now = [];
    private readonly Dictionary<ulong, (ulong Taken, bool Waits)> _before = [];
    private ulong _sinceNs;

    /// <summary>The sockets seen in the last look.</summary>
    public IEnumerable<ulong> Seen => _now.Keys;

    /// <summary>Begins a look.</summary>
    public void Begin()
    {
        _before.Clear();
        foreach (var (cookie, state) in _now)
        {
            _before.Add(cookie, state);
        }
        _now.Clear();
    }

    /// <summary>A socket.</summary>
    /// <param name="cookie">Tells sockets apart.</param>
    /// <param name="taken">Bytes that its process has read so far.</param>
    /// <param name="waits">More input waits.</param>
    public void See(ulong cookie, ulong taken, bool waits) => _now[cookie] = (taken, waits);

    /// <summary>Ends a look at <paramref name="nowNs"/> (CLOCK_MONOTONIC nanoseconds).</summary>
    /// <returns>For how long input has waited without any being taken; zero while some is, or none waits.</returns>
    public ulong End(ulong nowNs)
    {
        var waits = false;
        var progress = false;
        foreach (var (cookie, before) in _before)
        {
            var isSeen = _now.TryGetValue(cookie, out var now);
            progress |= isSeen ? now.Taken != before.Taken : before.Waits;
            waits |= isSeen && before.Waits && now.Waits;
        }
        if (progress || !waits)
        {
            _sinceNs = nowNs;
        }
        return nowNs - _sinceNs;
    }
}
