namespace Appliance.Lab.Processes;

/// <summary>Names a process for good, also after its id has gone to another one.</summary>
/// <param name="Pid">Its id.</param>
/// <param name="StartTicks">When it started, in clock ticks since boot.</param>
public sealed record ProcessStamp(int Pid, long StartTicks)
{
    /// <summary>The stamp of a process that was just started.</summary>
    public static ProcessStamp Of(int pid) => new(pid, ProcessTable.TryGet(pid)?.StartTicks ?? 0);

    /// <summary>Whether the process still runs.</summary>
    public bool IsAlive() => ProcessTable.TryGet(Pid) is { } process && process.StartTicks == StartTicks;

    /// <summary>Sends a signal when the process still runs.</summary>
    public void Signal(UnixSignal signal)
    {
        if (IsAlive())
        {
            ProcessTable.Signal(Pid, signal);
        }
    }

    /// <summary>Sends a signal to the process group that the process leads, when it still runs.</summary>
    public void SignalGroup(UnixSignal signal)
    {
        if (IsAlive())
        {
            ProcessTable.Signal(-Pid, signal);
        }
    }
}
