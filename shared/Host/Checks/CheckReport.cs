using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Configuration;

namespace Appliance.Host.Checks;

/// <summary>What <c>--check</c> prints; <c>appliance check</c> shows it.</summary>
/// <param name="Program">Who has checked.</param>
/// <param name="Configuration">The file.</param>
/// <param name="Result">The worst finding.</param>
/// <param name="Findings">All of them.</param>
public sealed record CheckReport(string Program, string Configuration, Severity Result, IReadOnlyList<Finding> Findings)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <summary>Reads the configuration, and checks the machine when that can be used.</summary>
    /// <param name="program">The program's name.</param>
    /// <param name="file">The configuration.</param>
    /// <param name="load">Reads it.</param>
    /// <param name="check">Checks the machine.</param>
    public static async Task<CheckReport> MakeAsync<T>(string program, string file, Func<string, T> load, Func<T, Checklist, Task> check)
    {
        var list = new Checklist();
        try
        {
            var options = load(file);
            list.Ok("configuration", file);
            await check(options, list);
        }
        catch (ConfigurationException e)
        {
            list.Errors("configuration", e.Errors, string.Empty);
        }
        return new CheckReport(program, file, list.Result, list.Findings);
    }

    /// <summary>One line of JSON.</summary>
    public override string ToString() => JsonSerializer.Serialize(this, s_json);
}
