namespace Appliance.Tests.Support;

/// <summary>What code allocates on the managed heap.</summary>
internal static class AllocatedBytes
{
    /// <summary>
    /// Bytes that <paramref name="action"/> allocates on this thread. The runtime gives a thread pieces of 8 KiB to allocate
    /// from, and a background collection that other threads cause meanwhile may count the unused rest of the piece as
    /// allocated. A collection before the measurement takes the piece away; the thread gets another when it allocates.
    /// </summary>
    public static long Of(Action action)
    {
        GC.Collect(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
