using System.Text.Json;

namespace Appliance.Tests.Lab.Api.Fuzz;

/// <summary>Makes up JSON texts for a schema.</summary>
/// <param name="random">Decides.</param>
/// <param name="words">Values that mean something, by the name of the field: JSON for booleans, texts for texts.</param>
internal sealed class JsonGenerator(Random random, IReadOnlyDictionary<string, string[]> words)
{
    private const int Beyond = 70_000;

    private static readonly string[] s_wrong =
    [
        "null", "true", "0", "-0.0", "1e400", "-9223372036854775809", "\"\"", "\"x\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[[]]]", "{\"a\":{}}", "nul", "'x'", "// x",
    ];

    /// <summary>One that the schema allows.</summary>
    public string Valid(JsonElement schema) => Object(schema, _ => true);

    /// <summary>One that is wrong: in a value, in a name, by what is missing, or as a whole.</summary>
    public string Wrong(JsonElement schema)
    {
        var names = schema.GetProperty("properties").EnumerateObject().Select(field => field.Name).ToList();
        var name = Pick(names);
        return random.Next(6) switch
        {
            0 => Pick(s_wrong),
            1 => Object(schema, field => field != name),
            2 => $"{Object(schema, field => field != name)[..^1]}{(names.Count > 1 ? "," : "")}\"{name}\":{Pick(s_wrong)}}}",
            3 => $"{Valid(schema)[..^1]},\"{name}\":{Pick(s_wrong)}}}",
            4 => $"{Valid(schema)[..^1]},\"\\ud83d\\ude00\":{Nested(random.Next(1, 5000))}}}",
            _ => $"{{\"{name}\":{Nested(random.Next(1, 5000))}}}",
        };
    }

    /// <summary>One that is larger than any body may be.</summary>
    public string Huge(JsonElement schema) => $"{Valid(schema)[..^1]},\"padding\":\"{new string('x', Beyond)}\"}}";

    private static string Nested(int depth) => $"{new string('[', depth)}{new string(']', depth)}";

    private string Object(JsonElement schema, Func<string, bool> include) => $"{{{string.Join(',', schema.GetProperty("properties").EnumerateObject()
        .Where(field => include(field.Name)).Select(field => $"\"{field.Name}\":{Value(field)}"))}}}";

    private string Value(JsonProperty field)
    {
        var known = words.GetValueOrDefault(field.Name);
        return field.Value.GetProperty("type").ToString().Contains("boolean", StringComparison.Ordinal)
            ? Pick(known ?? ["true", "false"])
            : JsonSerializer.Serialize(Pick(known ?? ["", "x"]));
    }

    private T Pick<T>(IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];
}
