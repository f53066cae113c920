using System.Text.Json;
using Appliance.Gateway.Recording;
using Microsoft.AspNetCore.Mvc;

namespace Appliance.Gateway.Api.Flows;

/// <summary>Which connections <c>GET flows</c> lists, and in which order.</summary>
internal sealed record FlowQuery
{
    private const int Most = 100_000;

    /// <summary>protected, repairing, unprotected or diverged; several with commas between.</summary>
    [FromQuery(Name = "state")]
    public string? State { get; init; }

    /// <summary>Name of a node: connections that should have a replica there.</summary>
    [FromQuery(Name = "node")]
    public string? Node { get; init; }

    /// <summary>A part of what <c>flow</c> says: an address, a port.</summary>
    [FromQuery(Name = "q")]
    public string? Text { get; init; }

    /// <summary>flow, state, age, idle, clientBytes, serverBytes or lag; with '-' before it the largest come first.</summary>
    [FromQuery(Name = "sort")]
    public string? Sort { get; init; }

    /// <summary>Most connections in the answer.</summary>
    [FromQuery(Name = "limit")]
    public int? Limit { get; init; }

    /// <summary>How many of them are left out before that.</summary>
    [FromQuery(Name = "offset")]
    public int? Offset { get; init; }

    /// <summary>Where this page begins.</summary>
    public int First => Offset ?? 0;

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Problem
    {
        get
        {
            if (States() is null)
            {
                return $"state: '{State}' must be {string.Join(", ", Enum.GetNames<FlowState>().Select(JsonNamingPolicy.CamelCase.ConvertName))}, or several of them with commas between.";
            }
            if (KeyOf(SortField) is null)
            {
                return $"sort: '{Sort}' must be flow, state, age, idle, clientBytes, serverBytes or lag, with '-' before it for the largest first.";
            }
            return Limit is < 1 or > Most ? $"limit: {Limit} must be from 1 to {Most}." : Offset < 0 ? $"offset: {Offset} must not be negative." : null;
        }
    }

    /// <summary>The connections that match, in the order asked for; all of them, not only this page.</summary>
    public List<FlowDocument> Apply(IEnumerable<FlowDocument> flows)
    {
        var states = States() ?? [];
        var matching = flows.Where(f => (states.Count == 0 || states.Contains(f.State))
            && (Node is null || f.Replicas.Any(r => r.Node == Node))
            && (Text is null || f.Flow.Contains(Text, StringComparison.OrdinalIgnoreCase)));
        var key = KeyOf(SortField)!;
        return [.. Sort?.StartsWith('-') == true ? matching.OrderByDescending(key) : matching.OrderBy(key)];
    }

    /// <summary>This page of those.</summary>
    public IEnumerable<FlowDocument> Page(List<FlowDocument> matching) => matching.Skip(First).Take(Limit ?? int.MaxValue);

    private string SortField => Sort?.TrimStart('-') ?? "flow";

    private static Func<FlowDocument, IComparable>? KeyOf(string field) => field switch
    {
        "flow" => f => (f.Key.Client.ToNumber(), f.Key.ClientPort, f.Key.Service.ToNumber(), f.Key.ServicePort),
        "state" => f => f.State,
        "age" => f => f.AgeSeconds,
        "idle" => f => f.IdleSeconds,
        "clientBytes" => f => f.ClientBytes,
        "serverBytes" => f => f.ServerBytes,
        "lag" => f => f.Replicas.Max(r => r.LagBytes) ?? -1,
        _ => null,
    };

    private HashSet<FlowState>? States()
    {
        var states = new HashSet<FlowState>();
        foreach (var word in State?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            if (!Enum.TryParse<FlowState>(word, ignoreCase: true, out var state) || !Enum.IsDefined(state) || char.IsAsciiDigit(word[0]))
            {
                return null;
            }
            states.Add(state);
        }
        return states;
    }
}
