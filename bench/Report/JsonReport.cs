using System.Text.Json;
using System.Text.Json.Serialization;

namespace Appliance.Bench.Report;

/// <summary>All reports as one JSON object on one line.</summary>
public static class JsonReport
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes it.</summary>
    public static string Write(IReadOnlyList<BenchReport> reports, string machine, BenchOptions options)
    {
        var document = new
        {
            Date = DateTimeOffset.UtcNow,
            Machine = machine,
            options.Size,
            options.Seed,
            GoalsMet = reports.All(report => report.Goals.All(goal => goal.IsMet)),
            Benches = reports.Select(report => new
            {
                report.Name,
                report.Title,
                report.Seconds,
                Goals = report.Goals.Select(goal => new { goal.Text, goal.Measured, goal.Comparison, goal.Limit, goal.Unit, Met = goal.IsMet }),
                report.Notes,
                report.Data,
            }),
        };
        return JsonSerializer.Serialize(document, s_options);
    }
}
