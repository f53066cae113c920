namespace Appliance.Bench.Measure;

/// <summary>CPU time of one process, all its threads together, in clock ticks of 10 ms.</summary>
/// <param name="UserTicks">In the program.</param>
/// <param name="SystemTicks">In the kernel, for the program or on top of it.</param>
public readonly record struct ProcessCpu(long UserTicks, long SystemTicks)
{
    /// <summary>Clock ticks per second as <c>/proc</c> counts them; the same on every Linux.</summary>
    public const double TicksPerSecond = 100;

    /// <summary>Both together, in seconds.</summary>
    public double Seconds => (UserTicks + SystemTicks) / TicksPerSecond;

    /// <summary>Reads the text of <c>/proc/PID/stat</c>.</summary>
    public static bool TryParse(string stat, out ProcessCpu cpu)
    {
        const int UserField = 11, SystemField = 12;
        cpu = default;
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= SystemField || !long.TryParse(fields[UserField], out var user) || !long.TryParse(fields[SystemField], out var system))
        {
            return false;
        }

        cpu = new ProcessCpu(user, system);
        return true;
    }

    /// <summary>What was used since an earlier reading.</summary>
    public ProcessCpu Since(ProcessCpu earlier) => new(UserTicks - earlier.UserTicks, SystemTicks - earlier.SystemTicks);
}
