using System.Text;
using System.Text.Json;
using Appliance.Tests.Support.Fuzzing;

namespace Appliance.Tests.Lab.Api.Fuzz;

/// <summary>Makes up requests: some that make sense, and some that are wrong in one of the ways in which requests are.</summary>
/// <param name="random">Decides.</param>
/// <param name="words">Values that mean something, by the name of the parameter or the body's field.</param>
/// <param name="tokens">What the header Authorization may say; an empty text leaves it out.</param>
internal sealed class RequestGenerator(Random random, IReadOnlyDictionary<string, string[]> words, string[] tokens)
{
    private static readonly string[] s_texts =
    [
        "", " ", "0", "-1", "1", "2147483647", "-2147483648", "99999999999999999999", "1e9", "NaN", "true", "null", "{}", "[]", "a,b", "..", "%2e%2e",
        "%00", "\\", "\"", "'; --", "<script>", "é", "日本", "😀", "\u202e", "\ufeff", "\ud800", "‰~%~~~", "1~2~3~4", "[::1]:1->[::2]:2", "fe80::1%lo~1~::1~1",
        "10.0.1.2~0~10.0.2.100~65536", "*/*", "application/json", "respond-async", new('a', 201), new('/', 300), new('\u00df', 100),
    ];

    private static readonly string[] s_types =
    [
        "application/json;charset=utf-8", "application/json; charset=utf-16", "application/json;charset=nonsense", "application/json;charset=\"\"", "application/json;charset",
        "application/x+json", "application/xml", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json", ";", "",
    ];

    private static readonly string[] s_accepts = ["*/*", "application/json", "text/html", "text/event-stream", "application/problem+json;q=0", "nonsense", ""];

    private readonly JsonGenerator _json = new(random, words);
    private readonly Mutator _mutator = new(random);

    /// <summary>A request for an operation.</summary>
    public FuzzRequest Make(ApiOperation operation)
    {
        var path = operation.Path;
        var query = new List<string>();
        var headers = new List<(string, string)>();
        foreach (var parameter in operation.Parameters)
        {
            switch (parameter.Place)
            {
                case "path":
                    path = path.Replace($"{{{parameter.Name}}}", Uri.EscapeDataString(Value(parameter)), StringComparison.Ordinal);
                    break;
                case "query":
                    query.AddRange(Enumerable.Range(0, random.Next(10) == 0 ? 2 : random.Next(2)).Select(_ => $"{parameter.Name}={Uri.EscapeDataString(Value(parameter))}"));
                    break;
                default:
                    AddHeader(headers, parameter.Name, random.Next(2) == 0 ? "" : Value(parameter));
                    break;
            }
        }

        AddHeader(headers, "Authorization", Pick(tokens));
        AddHeader(headers, "Accept", Pick(s_accepts));
        AddHeader(headers, "Cookie", random.Next(5) == 0 ? $"appliance_session={Uri.EscapeDataString(Pick(s_texts))}" : "");
        var (type, body) = operation.Body is { } schema ? MakeBody(schema) : Unasked();
        return new FuzzRequest(operation, query.Count > 0 ? $"{path}?{string.Join('&', query)}" : path, headers, type, body);
    }

    /// <summary>A body where none is wanted, now and then.</summary>
    private (string?, byte[]?) Unasked()
    {
        return random.Next(10) == 0 ? (Pick(s_types), "{}"u8.ToArray()) : default((string?, byte[]?));
    }

    private (string? ContentType, byte[]? Body) MakeBody(JsonElement schema)
    {
        const string Json = "application/json";
        var valid = Encoding.UTF8.GetBytes(_json.Valid(schema));
        return random.Next(8) switch
        {
            0 or 1 => (Json, valid),
            2 => (Pick(s_types), valid),
            3 => (Json, _mutator.Damage(valid, Encoding.UTF8.GetBytes(_json.Wrong(schema)))),
            4 => random.Next(2) == 0 ? default((string?, byte[]?)) : (Json, []),
            5 => (Json, Encoding.UTF8.GetBytes(_json.Huge(schema))),
            _ => (Json, Encoding.UTF8.GetBytes(_json.Wrong(schema))),
        };
    }

    private string Value(ApiParameter parameter)
    {
        if (words.TryGetValue(parameter.Name, out var known) && random.Next(2) == 0)
        {
            return Pick(known);
        }

        return parameter.IsNumber && random.Next(2) == 0 ? random.Next(-2, 200_000).ToString(null, null) : Pick(s_texts);
    }

    private static void AddHeader(List<(string, string)> headers, string name, string value)
    {
        if (value.Length > 0)
        {
            headers.Add((name, value));
        }
    }

    private string Pick(string[] choices) => choices[random.Next(choices.Length)];
}
