namespace Appliance.Configuration;

/// <summary>A configuration that cannot be used; the message has one line per error, each naming its field.</summary>
public sealed class ConfigurationException(string source, IReadOnlyList<string> errors)
    : Exception(string.Join('\n', errors.Select(e => $"{source}: {e}")))
{
    /// <summary>Every error found, in the order of the file.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
