using Appliance.Native;

namespace Appliance.Lab.Faults;

/// <summary>The programs' own clock, signed, as the lab's records and files hold it.</summary>
public static class Monotonic
{
    /// <summary>Now, in nanoseconds since boot.</summary>
    public static long NowNs => (long)MonotonicClock.Now;
}
