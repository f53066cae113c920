using Appliance.Gateway.Api.Orders;
using Appliance.Gateway.Api.Status;
using Appliance.Gateway.Control;

namespace Appliance.Gateway.Api.Events;

/// <summary>Tells the journal what has changed between two looks at the status, and how operations go.</summary>
public sealed class Narrator
{
    private readonly Journal _journal;
    private readonly Dictionary<ulong, GatewayEvent> _assignments = [];
    private readonly Dictionary<string, string> _roles = new(StringComparer.Ordinal);
    private readonly HashSet<string> _disagreeing = new(StringComparer.Ordinal);
    private (bool Unprotected, bool Diverged, bool DivergedDatagramFlows) _protection;
    private string _store = string.Empty;

    /// <summary>Begins to listen.</summary>
    public Narrator(Journal journal, OperationLog operations)
    {
        _journal = journal;
        operations.Changed = operation => journal.Add("operation", new { Operation = operation });
    }

    /// <summary>Looks once.</summary>
    public void Look(StatusDocument status)
    {
        LookAtAssignments(status.Events);
        foreach (var node in status.Nodes)
        {
            if (_roles.TryGetValue(node.Name, out var was) && was != node.Role)
            {
                _journal.Add("node", new { Node = node.Name, node.Role, Was = was });
            }
            _roles[node.Name] = node.Role;
        }
        var diverged = status.Recorder.States.GetValueOrDefault(Recording.FlowState.Diverged);
        var divergedDatagramFlows = status.Recorder.Datagrams.Diverged;
        if (_protection != (status.Unprotected > 0, diverged > 0, divergedDatagramFlows > 0))
        {
            _protection = (status.Unprotected > 0, diverged > 0, divergedDatagramFlows > 0);
            _journal.Add("protection", new { status.Unprotected, Diverged = diverged, DivergedDatagramFlows = divergedDatagramFlows });
        }
        foreach (var service in status.Services)
        {
            if (_disagreeing.Contains(service.Name) == service.InAgreement)
            {
                _ = service.InAgreement ? _disagreeing.Remove(service.Name) : _disagreeing.Add(service.Name);
                _journal.Add("service", new { Service = service.Name, service.InAgreement, service.Flows, service.Diverged, service.ComparedDatagramFlows, service.DivergedDatagramFlows });
            }
        }
        var store = status.Recorder.Store;
        if (_store != $"{store.State}{store.Reason}")
        {
            _store = $"{store.State}{store.Reason}";
            _journal.Add("store", new { store.State, store.Reason });
        }
    }

    private void LookAtAssignments(IReadOnlyList<GatewayEvent> events)
    {
        foreach (var change in events)
        {
            if (!_assignments.TryGetValue(change.Epoch, out var told) || told != change)
            {
                _assignments[change.Epoch] = change;
                _journal.Add("assignment", change);
            }
        }
        if (_assignments.Count > 2 * Journal.Kept && events.Count > 0)
        {
            foreach (var epoch in _assignments.Keys.Where(epoch => epoch < events[0].Epoch).ToList())
            {
                _assignments.Remove(epoch);
            }
        }
    }
}
