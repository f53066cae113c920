namespace Appliance.Native;

/// <summary>
/// Has the runtime's compiler wait for everybody: what it compiles runs already, only slower, and on the processors that it takes
/// for tens of milliseconds after a failure connections are being served. The runtime starts its thread when it has something
/// to compile and ends it afterwards, with the nice value of whoever happens to start it: so it is looked for again and again.
/// </summary>
public sealed class DeferredCompilation : IDisposable
{
    /// <summary>The kernel keeps 15 characters of ".NET Tiered Compilation Worker" (TASK_COMM_LEN).</summary>
    public const string ThreadName = ".NET Tiered Com";

    private const int Nice = 10;
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(500);

    private readonly Timer _timer = new(static _ => Look(), null, s_period, s_period);

    /// <summary>Looks for it once.</summary>
    public static void Look()
    {
        foreach (var thread in Realtime.Threads)
        {
            if (NameOf(thread) == ThreadName)
            {
                Realtime.SetNice(thread, Nice);
            }
        }
    }

    /// <summary>Leaves it as it is.</summary>
    public void Dispose() => _timer.Dispose();

    /// <summary>Null when the thread has ended meanwhile.</summary>
    private static string? NameOf(uint thread)
    {
        try
        {
            return File.ReadAllText($"/proc/self/task/{thread}/comm").TrimEnd('\n');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
