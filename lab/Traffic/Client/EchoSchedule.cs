namespace Appliance.Lab.Traffic.Client;

/// <summary>
/// Whose turn it is to send. The turns go round all connections at an even pace, one round per think time, so the load
/// stays even also after a stall that held up many at once.
/// </summary>
/// <param name="connections">Number of connections, at least 1.</param>
/// <param name="periodNs">Length of a round in nanoseconds.</param>
/// <param name="startNs">Time of the first turn, in nanoseconds.</param>
public sealed class EchoSchedule(int connections, long periodNs, long startNs)
{
    private long _round;
    private int _next;

    /// <summary>When the next turn is, in nanoseconds.</summary>
    public long NextAt => startNs + (_round * periodNs) + (_next * periodNs / connections);

    /// <summary>Takes the next turn if it has come. Turns missed by more than a round are left out.</summary>
    public bool TryTake(long now, out int connection)
    {
        connection = _next;
        long late = now - NextAt;
        if (late < 0)
        {
            return false;
        }

        _round += late / periodNs;
        if (++_next == connections)
        {
            _next = 0;
            _round++;
        }

        return true;
    }
}
