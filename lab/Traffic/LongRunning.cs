namespace Appliance.Lab.Traffic;

/// <summary>Work that keeps a thread of its own for its whole life.</summary>
internal static class LongRunning
{
    /// <summary>Runs <paramref name="work"/> on a new named background thread; the task ends with it, failed if it threw.</summary>
    public static Task Start(string name, Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                work();
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        })
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return done.Task;
    }
}
