using System.Text.Json.Serialization;
using Appliance.Gateway.Failover;

namespace Appliance.Gateway.Api.Orders;

/// <summary>Something that was ordered, and how far it is. Replaced whole at every step.</summary>
/// <param name="Id">For <c>GET operations/{id}</c>.</param>
/// <param name="Kind">What.</param>
/// <param name="Node">Which node it concerns; null for a failover.</param>
/// <param name="By">Who ordered it.</param>
/// <param name="State">How it is.</param>
/// <param name="RequestedAt">When it was ordered.</param>
/// <param name="Steps">What has happened since, in order.</param>
public sealed record Operation(
    string Id, OperationKind Kind, string? Node, string By, OperationState State, DateTimeOffset RequestedAt, IReadOnlyList<OperationStep> Steps)
{
    /// <summary>When it ended; null while it runs.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Epoch that came of it.</summary>
    public ulong? Epoch { get; init; }

    /// <summary>Who holds the service since then.</summary>
    public string? Active { get; init; }

    /// <summary>As the assignment's event has it.</summary>
    public Cause? Cause { get; init; }

    /// <summary>Why it failed, and what to do.</summary>
    public string? Problem { get; init; }

    /// <summary>Is it over?</summary>
    [JsonIgnore]
    public bool IsOver => State != OperationState.Running;
}

/// <summary>A step of an <see cref="Operation"/>.</summary>
/// <param name="At">When.</param>
/// <param name="Text">What, for people.</param>
public sealed record OperationStep(DateTimeOffset At, string Text);
