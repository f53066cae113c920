namespace Appliance.Net;

/// <summary>
/// Kernel settings for as long as this lives: <see cref="Set"/> changes them, <see cref="Dispose"/> puts the earlier values back,
/// last change first. Not thread-safe; set and dispose on threads of one network namespace.
/// </summary>
public sealed class SysctlScope : IDisposable
{
    private readonly Stack<(string Name, string Value)> _earlier = new();
    private readonly List<string> _remedies = [];

    /// <summary>What an operator must do by hand, one sentence per setting: <c>set net.x.y=N</c>. Empty when all is well.</summary>
    public IReadOnlyList<string> Remedies => _remedies;

    /// <summary>
    /// Gives a setting a value and remembers the one it had. A setting that has the value already is not touched, neither now nor
    /// at the end. Failure adds to <see cref="Remedies"/>, except that a setting the kernel does not have needs no remedy.
    /// </summary>
    public SysctlStatus Set(string name, string value)
    {
        var readable = Sysctl.Read(name, out var earlier);
        if (readable == SysctlStatus.Missing)
        {
            return SysctlStatus.Missing;
        }
        if (readable == SysctlStatus.Ok && string.Equals(earlier, value, StringComparison.Ordinal))
        {
            return SysctlStatus.Ok; // also where nothing can be written, as in a container
        }

        var status = Sysctl.Write(name, value);
        if (status != SysctlStatus.Ok)
        {
            _remedies.Add($"set {name}={value}");
        }
        else if (readable == SysctlStatus.Ok
            && (Sysctl.Read(name, out var now) != SysctlStatus.Ok || !string.Equals(now, earlier, StringComparison.Ordinal)))
        {
            _earlier.Push((name, earlier));
        }

        return status;
    }

    /// <summary>Restores the earlier values; a setting that vanished meanwhile, with its interface, is passed over.</summary>
    public void Dispose()
    {
        while (_earlier.TryPop(out var setting))
        {
            Sysctl.Write(setting.Name, setting.Value);
        }
    }
}
