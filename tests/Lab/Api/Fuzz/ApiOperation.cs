using System.Text.Json;

namespace Appliance.Tests.Lab.Api.Fuzz;

/// <summary>One operation, as the interface's own description has it.</summary>
/// <param name="Method">The method, in capitals.</param>
/// <param name="Path">The path, with the names of its parameters in braces.</param>
/// <param name="Parameters">Those in path, query and headers.</param>
/// <param name="Body">Schema of the body; null when there is none.</param>
/// <param name="Answers">Media types by status; none where there is no body.</param>
internal sealed record ApiOperation(
    string Method, string Path, IReadOnlyList<ApiParameter> Parameters, JsonElement? Body, IReadOnlyDictionary<int, IReadOnlyList<string>> Answers)
{
    private const string SessionPath = "/api/v1/session";

    /// <summary>Whether it may change something at the gateway, other than who is logged in.</summary>
    public bool ChangesState => Method != "GET" && Path != SessionPath;

    /// <summary>Every operation of a description.</summary>
    public static IReadOnlyList<ApiOperation> ReadAll(JsonElement description) =>
    [
        .. from path in description.GetProperty("paths").EnumerateObject()
           from operation in path.Value.EnumerateObject()
           select Read(description, path.Name, operation.Name.ToUpperInvariant(), operation.Value),
    ];

    /// <inheritdoc/>
    public override string ToString() => $"{Method} {Path}";

    private static ApiOperation Read(JsonElement description, string path, string method, JsonElement operation) => new(
        method,
        path,
        operation.TryGetProperty("parameters", out var parameters) ? [.. parameters.EnumerateArray().Select(ApiParameter.Read)] : [],
        operation.TryGetProperty("requestBody", out var body) ? Resolve(description, body.GetProperty("content").GetProperty("application/json").GetProperty("schema")) : null,
        operation.GetProperty("responses").EnumerateObject().ToDictionary(answer => int.Parse(answer.Name, null), answer => MediaTypes(answer.Value)));

    private static IReadOnlyList<string> MediaTypes(JsonElement answer) =>
        answer.TryGetProperty("content", out var content) ? [.. content.EnumerateObject().Select(type => type.Name)] : [];

    private static JsonElement Resolve(JsonElement description, JsonElement schema)
    {
        if (schema.TryGetProperty("oneOf", out var choices))
        {
            schema = choices.EnumerateArray().Single(choice => choice.TryGetProperty("$ref", out _));
        }

        return schema.TryGetProperty("$ref", out var reference)
            ? reference.GetString()![2..].Split('/').Aggregate(description, (element, name) => element.GetProperty(name))
            : schema;
    }
}
