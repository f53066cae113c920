namespace Appliance.Lab.Processes;

/// <summary>One process of the system.</summary>
/// <param name="Pid">Its id.</param>
/// <param name="ParentPid">Its parent's id.</param>
/// <param name="Command">The program's short name, as the kernel keeps it.</param>
/// <param name="State">The kernel's letter for its state; Z is a zombie, T is stopped.</param>
/// <param name="StartTicks">When it started, in clock ticks since boot; with the id it names a process for good.</param>
public sealed record ProcessEntry(int Pid, int ParentPid, string Command, char State, long StartTicks)
{
    /// <summary>Reads the text of <c>/proc/PID/stat</c>. The command stands in parentheses and may itself hold some.</summary>
    public static bool TryParse(string stat, out ProcessEntry entry)
    {
        const int StateField = 0, ParentField = 1, StartField = 19;
        entry = null!;
        var open = stat.IndexOf('(', StringComparison.Ordinal);
        var close = stat.LastIndexOf(')');
        if (open < 1 || close < open || !int.TryParse(stat.AsSpan(0, open), out var pid))
        {
            return false;
        }

        var fields = stat[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= StartField
            || !int.TryParse(fields[ParentField], out var parent)
            || !long.TryParse(fields[StartField], out var start))
        {
            return false;
        }

        entry = new ProcessEntry(pid, parent, stat[(open + 1)..close], fields[StateField][0], start);
        return true;
    }
}
