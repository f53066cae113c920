using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Host.Checks;
using Appliance.Lab.Processes;

namespace Appliance.Tests.Lab.Support;

/// <summary>What <c>appliance check --json</c> said, and how it ended.</summary>
internal sealed record CheckReport(int ExitCode, string Program, IReadOnlyList<Finding> Findings)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public static CheckReport Of(CommandResult result)
    {
        var report = JsonSerializer.Deserialize<CheckReport>(result.Output, s_json) ?? throw new JsonException(result.Error);
        return report with { ExitCode = result.ExitCode };
    }

    /// <summary>Its subjects and texts of a kind, a line each.</summary>
    public string Of(Severity severity) => string.Join('\n', Findings.Where(f => f.Severity == severity).Select(f => $"{f.Subject}: {f.Text}"));
}
