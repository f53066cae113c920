namespace Appliance.Gateway.Api.Flows;

/// <summary>
/// Makes a costly reading for many askers. Each gets one that began after it had asked, so that nobody sees what was before; at
/// least <paramref name="interval"/> lies between two beginnings.
/// </summary>
internal sealed class SharedReading<T>(Func<Task<T>> read, TimeSpan interval, TimeProvider time)
{
    private readonly Lock _gate = new();
    private Task<T>? _next;
    private long? _began;

    /// <summary>The next reading.</summary>
    public Task<T> ReadAsync()
    {
        lock (_gate)
        {
            return _next ??= MakeAsync();
        }
    }

    private async Task<T> MakeAsync()
    {
        var wait = _began is { } began ? interval - time.GetElapsedTime(began) : TimeSpan.Zero;
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time);
        }
        await Task.Yield(); // the caller holds the lock until the reading is known as the next
        lock (_gate)
        {
            (_next, _began) = (null, time.GetTimestamp());
        }
        return await read();
    }
}
