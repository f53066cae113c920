namespace Appliance.Tests.Unit.Simulation;

/// <summary>The last events of a run as text. Only a run that is repeated after a violation has one.</summary>
internal sealed class SimulationTrace
{
    private const int Kept = 60;

    private readonly Queue<string> _lines = new();

    /// <summary>Notes an event.</summary>
    public void Add(ulong nowNs, string text)
    {
        _lines.Enqueue($"{(nowNs - SimulationRun.StartNs) / 1e6,12:F3} ms  {text}");
        if (_lines.Count > Kept)
        {
            _lines.Dequeue();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('\n', _lines);
}
