using System.Text;
using Appliance.Configuration;

namespace Appliance.Tests.Unit.Configuration.Reference;

/// <summary>Writes docs/configuration.md.</summary>
internal static class ReferencePage
{
    private const string Head = """
        # Configuration

        Written from the code that reads the files; `APPLIANCE_REGENERATE=1 ./appliance test ReferenceTests` writes it again. The samples that a package
        installs name every setting, too: [gateway.yaml](../packaging/configuration/gateway.yaml), [node.yaml](../packaging/configuration/node.yaml).

        Unknown settings are errors, with the nearest known name. All errors of a file are reported together; `appliance check` reports them,
        and what the machine lacks, without a start. Durations are a number and `us`, `ms`, `s`, `m`, `h` or `d`; sizes are bytes, or a number and `KiB`, `MiB` or `GiB`. `[]` stands
        for each entry of a list.

        """;

    public static string Write(IReadOnlyList<(string File, IReadOnlyList<Setting> Settings)> files)
    {
        var page = new StringBuilder(Head);
        foreach (var (file, settings) in files)
        {
            page.Append($"\n## {file}\n\n| setting | takes | default | meaning |\n|---|---|---|---|\n");
            Write(page, string.Empty, settings);
        }
        return page.ToString();
    }

    private static void Write(StringBuilder page, string path, IReadOnlyList<Setting> settings)
    {
        foreach (var setting in settings.InOrder())
        {
            var takes = setting.Range is null ? setting.Type : $"{setting.Type}: {setting.Range}";
            var fallback = setting switch
            {
                { Default.Length: > 0 } => $"`{setting.Default}`",
                _ when setting.IsNeeded() => "required",
                _ => setting.Settings is null || setting.IsList ? "none" : string.Empty,
            };
            page.Append($"| `{path}{setting.Name}` | {takes} | {fallback} | {setting.Meaning} |\n");
            if (setting.Settings is { } inner)
            {
                Write(page, $"{path}{setting.Name}{(setting.IsList ? "[]" : string.Empty)}.", inner);
            }
        }
    }
}
