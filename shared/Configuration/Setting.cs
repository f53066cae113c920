namespace Appliance.Configuration;

/// <summary>One setting of a configuration file, as the code that reads it describes it.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Type">What it takes, in words.</param>
/// <param name="Meaning">What it is for.</param>
public sealed record Setting(string Name, string Type, string Meaning)
{
    /// <summary>What holds in its absence, as one would write it; null for nothing.</summary>
    public string? Default { get; init; }

    /// <summary>What one may write there; null without a bound.</summary>
    public string? Range { get; init; }

    /// <summary>What one might write there; null where the default shows it.</summary>
    public string? Example { get; init; }

    /// <summary>Has it to be given?</summary>
    public bool IsRequired { get; init; }

    /// <summary>Is it a list of mappings, each with <see cref="Settings"/>?</summary>
    public bool IsList { get; init; }

    /// <summary>The settings inside it; null when it is none itself, but a value.</summary>
    public IReadOnlyList<Setting>? Settings { get; init; }
}
