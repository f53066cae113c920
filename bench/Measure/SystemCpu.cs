namespace Appliance.Bench.Measure;

/// <summary>CPU time of the whole machine by kind, in clock ticks of 10 ms: the first line of <c>/proc/stat</c>.</summary>
/// <param name="UserTicks">In programs, niced ones included.</param>
/// <param name="SystemTicks">In the kernel on behalf of programs.</param>
/// <param name="InterruptTicks">In interrupts and soft interrupts: most of the network's work.</param>
/// <param name="IdleTicks">Nothing to do.</param>
/// <param name="StealTicks">Taken away by the hypervisor.</param>
public readonly record struct SystemCpu(long UserTicks, long SystemTicks, long InterruptTicks, long IdleTicks, long StealTicks)
{
    /// <summary>Everything that was not idle, in seconds.</summary>
    public double BusySeconds => (UserTicks + SystemTicks + InterruptTicks) / ProcessCpu.TicksPerSecond;

    /// <summary>Soft interrupts and interrupts, in seconds.</summary>
    public double InterruptSeconds => InterruptTicks / ProcessCpu.TicksPerSecond;

    /// <summary>Kernel time outside interrupts, in seconds.</summary>
    public double SystemSeconds => SystemTicks / ProcessCpu.TicksPerSecond;

    /// <summary>The part of all processors' time that was not idle or was taken away, 0 to 1.</summary>
    public double BusyShare => (double)(Taken - IdleTicks) / Math.Max(1, Taken);

    /// <summary>The part that the hypervisor took away, 0 to 1.</summary>
    public double StealShare => (double)StealTicks / Math.Max(1, Taken);

    private long Taken => UserTicks + SystemTicks + InterruptTicks + StealTicks + IdleTicks;

    /// <summary>Since the machine's start.</summary>
    public static SystemCpu Read()
    {
        _ = TryParse(File.ReadAllText("/proc/stat"), out var cpu);
        return cpu;
    }

    /// <summary>Reads the text of <c>/proc/stat</c>.</summary>
    public static bool TryParse(string text, out SystemCpu cpu)
    {
        const int LeastFields = 8;
        cpu = default;
        var fields = text.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= LeastFields || !string.Equals(fields[0], "cpu", StringComparison.Ordinal))
        {
            return false;
        }

        var ticks = new long[fields.Length];
        for (var i = 1; i < fields.Length; i++)
        {
            if (!long.TryParse(fields[i], out ticks[i]))
            {
                return false;
            }
        }

        cpu = new SystemCpu(ticks[1] + ticks[2], ticks[3], ticks[6] + ticks[7], ticks[4] + ticks[5], ticks[8]);
        return true;
    }

    /// <summary>What was used since an earlier reading.</summary>
    public SystemCpu Since(SystemCpu earlier) => new(
        UserTicks - earlier.UserTicks,
        SystemTicks - earlier.SystemTicks,
        InterruptTicks - earlier.InterruptTicks,
        IdleTicks - earlier.IdleTicks,
        StealTicks - earlier.StealTicks);
}
