using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Appliance.Gateway.Api.Events;

/// <summary>Something that has happened.</summary>
/// <param name="Run">When this run of the gateway began, Unix seconds: numbers begin anew with each.</param>
/// <param name="Number">Grows by one.</param>
/// <param name="At">When it was noticed.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Content">Its fields.</param>
public sealed record JournalEntry(long Run, long Number, DateTimeOffset At, string Kind, object Content)
{
    /// <summary>For <c>Last-Event-ID</c>.</summary>
    public string Id => $"{Run}-{Number}";

    /// <summary>The number in an identifier; 0 when it is none of this run.</summary>
    public static long NumberOf(string? id, long run) =>
        id?.Split('-') is [var first, var second]
        && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var itsRun) && itsRun == run
        && long.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>One object with all fields; those of the content win.</summary>
    public JsonObject ToJson(JsonSerializerOptions options)
    {
        var json = new JsonObject { ["id"] = Id, ["at"] = At, ["kind"] = Kind };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(Content, options)!.AsObject())
        {
            json[name] = value?.DeepClone();
        }
        return json;
    }
}
