namespace Appliance.Node.Servers;

/// <summary>
/// Tells how long servers have left their input unread: input waits, and nobody takes any of it. One connection whose server
/// takes its time is no stall as long as another makes progress. A pure state machine: what was looked up goes in.
/// </summary>
public sealed class StallJudge
{
    private readonly Dictionary<ulong, ulong> _taken = [];
    private readonly Dictionary<ulong, ulong> _before = [];
    private ulong _sinceNs;

    /// <summary>The sockets seen in the last look.</summary>
    public IEnumerable<ulong> Waiting => _taken.Keys;

    /// <summary>Begins a look.</summary>
    public void Begin()
    {
        _before.Clear();
        foreach (var (cookie, taken) in _taken)
        {
            _before.Add(cookie, taken);
        }
        _taken.Clear();
    }

    /// <summary>A socket with input that waits.</summary>
    /// <param name="cookie">Tells sockets apart.</param>
    /// <param name="taken">Bytes that its process has read so far.</param>
    public void See(ulong cookie, ulong taken) => _taken[cookie] = taken;

    /// <summary>Ends a look at <paramref name="nowNs"/> (CLOCK_MONOTONIC nanoseconds).</summary>
    /// <returns>For how long input has waited without any being taken; zero while some is, or none waits.</returns>
    public ulong End(ulong nowNs)
    {
        var waits = false;
        var progress = _before.Count == 0;
        foreach (var (cookie, taken) in _before)
        {
            var stillWaits = _taken.TryGetValue(cookie, out var now);
            progress |= !stillWaits || now != taken;
            waits |= stillWaits;
        }
        if (progress || !waits)
        {
            _sinceNs = nowNs;
        }
        return nowNs - _sinceNs;
    }
}
