using System.Globalization;

namespace Appliance.Native;

/// <summary>Puts the calling thread before ordinary ones: heartbeats must not wait behind the traffic that they guard.</summary>
public static class Realtime
{
    private const int RoundRobin = 2;
    private const int Other = 0;
    private const int OneThread = 0;

    /// <summary>
    /// The best nice value for all threads of the process, and so for those that they will start: a heartbeat waits for
    /// the garbage collector, and that must not wait for the servers on the same machine either. Not for the gateway: what
    /// its store does must not be before the kernel's packet threads, which are ordinary ones. Refusal is no error.
    /// </summary>
    public static void PreferProcess()
    {
        const int Best = -20;
        foreach (var thread in Threads)
        {
            SetNice(thread, Best);
        }
    }

    /// <summary>The kernel's numbers of this process's threads, for now.</summary>
    public static IEnumerable<uint> Threads =>
        Directory.EnumerateDirectories("/proc/self/task").Select(task => uint.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture));

    /// <summary>Sets the nice value of a thread of this process. Refusal is no error, nor that it has ended.</summary>
    /// <param name="thread">The kernel's number of it.</param>
    /// <param name="nice">-20 to 19; the less, the more of a processor it gets.</param>
    public static void SetNice(uint thread, int nice) => Libc.SetPriority(OneThread, thread, nice);

    /// <summary>
    /// SCHED_RR at the given priority (1–99; sched(7)). Without CAP_SYS_NICE the thread keeps its class: heartbeats are
    /// then as late as the machine is busy, which the detector's timeout has to allow for.
    /// </summary>
    /// <returns>False when the kernel refused.</returns>
    public static bool TryRaise(int priority) => Libc.SchedSetScheduler(0, RoundRobin, priority) == 0;

    /// <summary>Makes the calling thread an ordinary one, with a nice value of its own.</summary>
    public static void Lower(int nice)
    {
        Libc.SchedSetScheduler(0, Other, 0);
        Libc.SetPriority(OneThread, 0, nice);
    }
}
