using System.Text;
using Appliance.Configuration;

namespace Appliance.Tests.Unit.Configuration.Reference;

/// <summary>Writes a commented sample: what has to be given with an example, the rest commented out with its default.</summary>
internal sealed class SampleFile
{
    private const int Width = 110;

    private readonly StringBuilder _text = new();

    public static string Write(string title, IReadOnlyList<Setting> settings)
    {
        var file = new SampleFile();
        file.Comment(string.Empty, $"{title} What has to be given stands here with an example. The rest is commented out: with its default, or with an example where it has none. docs/configuration.md lists everything; check what you have written with: appliance check");
        file.Write(settings, string.Empty, string.Empty, isUsed: true);
        return file._text.ToString();
    }

    /// <param name="settings">What to write.</param>
    /// <param name="indent">Before each line.</param>
    /// <param name="first">Before the first setting, instead of the last of the indentation: begins an entry of a list.</param>
    /// <param name="isUsed">False inside of something that is commented out itself.</param>
    private void Write(IReadOnlyList<Setting> settings, string indent, string first, bool isUsed)
    {
        foreach (var setting in settings.InOrder())
        {
            if (indent.Length == 0)
            {
                _text.Append('\n');
            }
            Comment(indent, setting switch
            {
                { Range: { } range } => $"{setting.Meaning} ({setting.Type}: {range})",
                { Type: "text" } or { Settings: not null } => setting.Meaning,
                _ => $"{setting.Meaning} ({setting.Type})",
            });
            var isGiven = isUsed && setting.IsNeeded();
            var margin = $"{indent[..^first.Length]}{(isGiven ? string.Empty : "#")}{first}";
            first = string.Empty;
            if (setting.Settings is { } inner)
            {
                _text.Append($"{margin}{setting.Name}:\n");
                Write(inner, indent + (setting.IsList ? "    " : "  "), setting.IsList ? "- " : string.Empty, isGiven);
            }
            else
            {
                _text.Append($"{margin}{setting.Name}: {(setting.Default is { Length: > 0 } value ? value : setting.Example)}\n");
            }
        }
    }

    private void Comment(string indent, string text)
    {
        var line = new StringBuilder(indent).Append('#');
        foreach (var word in text.Split(' '))
        {
            if (line.Length + 1 + word.Length > Width)
            {
                _text.Append(line).Append('\n');
                line.Clear().Append(indent).Append('#');
            }
            line.Append(' ').Append(word);
        }
        _text.Append(line).Append('\n');
    }
}
