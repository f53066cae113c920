namespace Appliance.Gateway.Api.Flows;

/// <summary>
/// Makes a costly reading for many askers. Each gets one that began after it had asked, so that nobody sees what was before; at
/// least <paramref name="pause"/> lies between the end of one and the beginning of the next.
/// </summary>
internal sealed class SharedReading<T>(Func<Task<T>> read, TimeSpan pause, TimeProvider time)
{
    private readonly Lock _gate = new();
    private Task<T>? _next;
    private Task _pause = Task.CompletedTask;

    /// <summary>The next reading.</summary>
    public Task<T> ReadAsync()
    {
        lock (_gate)
        {
            return _next ??= MakeAsync(_pause);
        }
    }

    private async Task<T> MakeAsync(Task before)
    {
        await before;
        await Task.Yield(); // the caller holds the lock until the reading is known as the next
        Task<T> reading;
        lock (_gate)
        {
            _next = null;
            reading = read();
            _pause = PauseAfterAsync(reading);
        }
        return await reading;
    }

    private async Task PauseAfterAsync(Task reading)
    {
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Delay(pause, time);
    }
}
