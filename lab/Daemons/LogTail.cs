using Appliance.Lab.State;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Daemons;

/// <summary>The end of a log, to be shown with an error.</summary>
public static class LogTail
{
    private const int Lines = 20;

    /// <summary>A heading and the last lines of a host's log, starting with a line break.</summary>
    public static string Of(LabPaths paths, LabHost host)
    {
        var file = paths.Log(host);
        string[] lines = File.Exists(file) ? File.ReadAllLines(file) : [];
        var tail = lines.Length == 0 ? ["(empty)"] : lines.TakeLast(Lines);
        return string.Concat(tail.Select(line => $"\n  {line}").Prepend($"\n{LabNames.Of(host)}.log:"));
    }
}
