namespace Appliance.Gateway.Api.Telemetry;

/// <summary>The samples of the last two minutes. One writes, many read, and wait for more.</summary>
public sealed class TelemetryLog
{
    /// <summary>Length of a step.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private const int Kept = 240;

    private readonly Lock _gate = new();
    private readonly Queue<Sample> _samples = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _number;

    /// <summary>Adds a sample.</summary>
    public void Add(Sample sample)
    {
        TaskCompletionSource more;
        lock (_gate)
        {
            _samples.Enqueue(sample);
            _number++;
            if (_samples.Count > Kept)
            {
                _samples.Dequeue();
            }
            (more, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        more.SetResult();
    }

    /// <summary>The samples after the first <paramref name="number"/>, how many there have been now, and what ends when more come.</summary>
    public (IReadOnlyList<Sample> Samples, long Number, Task More) After(long number)
    {
        lock (_gate)
        {
            var fresh = (int)Math.Min(_number - number, _samples.Count);
            return ([.. _samples.Skip(_samples.Count - fresh)], _number, _more.Task);
        }
    }
}
