using Appliance.Bpf;
using Appliance.Configuration;
using Appliance.Net;

namespace Appliance.Host.Checks;

/// <summary>Collects what a check finds out. The checks themselves are those of a start.</summary>
public sealed class Checklist
{
    private readonly List<Finding> _findings = [];

    /// <summary>In the order of the checks.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>The worst of them.</summary>
    public Severity Result => _findings.Select(f => f.Severity).DefaultIfEmpty().Max();

    /// <summary>Notes what is as it has to be.</summary>
    public void Ok(string subject, string text) => _findings.Add(new Finding(subject, Severity.Ok, text));

    /// <summary>Notes what does not prevent a start.</summary>
    public void Warning(string subject, string text) => _findings.Add(new Finding(subject, Severity.Warning, text));

    /// <summary>Notes reasons that would make a start fail; without any, that all is well.</summary>
    /// <returns>True without any.</returns>
    public bool Errors(string subject, IEnumerable<string> reasons, string well)
    {
        var before = _findings.Count;
        _findings.AddRange(reasons.Select(reason => new Finding(subject, Severity.Error, reason)));
        if (_findings.Count > before)
        {
            return false;
        }
        Ok(subject, well);
        return true;
    }

    /// <summary>Does what a start does; what makes the start fail becomes findings.</summary>
    /// <returns>True when it succeeded.</returns>
    public bool Try(string subject, string well, Action action) => TryGet(subject, _ => well, () => { action(); return true; }, out _);

    /// <summary>The same for something with a result.</summary>
    public bool TryGet<T>(string subject, Func<T, string> well, Func<T> action, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? result)
    {
        result = default;
        try
        {
            result = action()!;
        }
        catch (Exception e) when (IsReason(e))
        {
            return Errors(subject, e.Message.Split('\n').Select(line => line.StartsWith($"{subject}: ", StringComparison.Ordinal) ? line[(subject.Length + 2)..] : line), string.Empty);
        }
        Ok(subject, well(result));
        return true;
    }

    /// <summary>Is it a reason for a failed start that an operator can mend, and no bug?</summary>
    internal static bool IsReason(Exception e) => e is ConfigurationException or StartupException or BpfException or NetlinkException or IOException;
}
