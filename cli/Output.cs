using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Appliance.Cli;

/// <summary>Tables for people, and what they hold.</summary>
internal static class Output
{
    private const int WidthOfPipe = 200;

    /// <summary>Colours on a terminal; none in a pipe, and room for whole lines.</summary>
    public static IAnsiConsole Terminal { get; } = Create();

    /// <summary>A table with these columns.</summary>
    public static Table Table(params string[] columns) => new Table().Border(TableBorder.Rounded).AddColumns(columns);

    /// <summary>A member as text; empty when it is absent or null.</summary>
    public static string Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member.ToString() : string.Empty;

    /// <summary>A member as a number, 0 when it is absent.</summary>
    public static double Number(JsonElement parent, string name) => parent.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Number ? member.GetDouble() : 0;

    /// <summary>Bytes for people.</summary>
    public static string Bytes(double bytes) => bytes switch
    {
        >= 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 30):0.0} GiB"),
        >= 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 20):0.0} MiB"),
        >= 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 10):0.0} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B"),
    };

    /// <summary>Seconds for people.</summary>
    public static string Seconds(double seconds) => seconds switch
    {
        >= 86_400 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400:0.0} d"),
        >= 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.0} h"),
        >= 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0.0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s"),
    };

    private static IAnsiConsole Create()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect });
        console.Profile.Width = Console.IsOutputRedirected ? WidthOfPipe : console.Profile.Width;
        return console;
    }

    /// <summary>A word in the colour of what it means.</summary>
    public static string Coloured(string word) => word switch
    {
        "active" or "replica" or "protected" or "inStep" or "ready" or "succeeded" or "ok" => $"[green]{word}[/]",
        "down" or "unprotected" or "diverged" or "failed" or "none" or "error" => $"[red]{word}[/]",
        _ => $"[yellow]{Markup.Escape(word)}[/]",
    };
}
