using System.Text.Json;

namespace Appliance.Tests.Lab.Api.Fuzz;

/// <summary>A parameter of an operation.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Place">path, query or header.</param>
/// <param name="IsNumber">Whether it is one.</param>
internal sealed record ApiParameter(string Name, string Place, bool IsNumber)
{
    /// <summary>One of a description.</summary>
    public static ApiParameter Read(JsonElement parameter) => new(
        parameter.GetProperty("name").GetString()!,
        parameter.GetProperty("in").GetString()!,
        parameter.GetProperty("schema").GetProperty("type").ToString().Contains("integer", StringComparison.Ordinal));
}
