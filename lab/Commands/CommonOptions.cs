using System.CommandLine;
using System.CommandLine.Parsing;
using Appliance.Lab.Text;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    /// <summary><c>--name</c>: which lab.</summary>
    public static Option<string> Name { get; } = new("--name")
    {
        Description = "The lab's name; several labs can exist side by side",
        DefaultValueFactory = _ => LabNames.Default,
        Recursive = true,
    };

    /// <summary><c>--json</c>: for programs.</summary>
    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Print one JSON object as the last line",
    };

    /// <summary><c>--api</c>: which gateway.</summary>
    public static Option<Uri?> Api() => new("--api")
    {
        Description = "The gateway's REST interface (default: that of the lab, or http://127.0.0.1:8080)",
        HelpName = "URL",
        CustomParser = ParseUrl,
    };

    /// <summary>An option whose value is a duration.</summary>
    public static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "10ms",
        CustomParser = Parse,
    };

    private static Uri? ParseUrl(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return url;
        }

        result.AddError($"'{result.Tokens[0].Value}' is no URL: write for example http://127.0.0.1:8080.");
        return null;
    }

    private static TimeSpan? Parse(ArgumentResult result)
    {
        if (Durations.TryParse(result.Tokens[0].Value, out var duration) && duration > TimeSpan.Zero)
        {
            return duration;
        }

        result.AddError($"'{result.Tokens[0].Value}' is no duration: write for example 10ms or 1s.");
        return null;
    }
}
