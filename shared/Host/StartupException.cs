namespace Appliance.Host;

/// <summary>A start that cannot succeed; the message has one line per reason, each with its remedy.</summary>
public sealed class StartupException(string message) : Exception(message)
{
    /// <summary>Throws when there are reasons.</summary>
    public static void ThrowIfAny(IEnumerable<string> reasons)
    {
        var all = reasons.ToList();
        if (all.Count > 0)
        {
            throw new StartupException(string.Join('\n', all));
        }
    }
}
