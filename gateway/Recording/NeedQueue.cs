using System.Diagnostics.CodeAnalysis;
using Appliance.Bpf.Layout;
using Appliance.RepairChannel;

namespace Appliance.Gateway.Recording;

/// <summary>
/// What one node has asked for and not got yet, in order. A connection has one place: who asks again while it waits has
/// changed its mind.
/// </summary>
public sealed class NeedQueue
{
    private readonly Queue<FlowKey> _order = new();
    private readonly Dictionary<FlowKey, NeedEntry> _needs = [];

    /// <summary>Requests that wait.</summary>
    public int Count => _order.Count;

    /// <summary>A node asks.</summary>
    public void Add(in NeedEntry need)
    {
        if (!_needs.ContainsKey(need.Flow))
        {
            _order.Enqueue(need.Flow);
        }
        _needs[need.Flow] = need;
    }

    /// <summary>The request whose turn it is.</summary>
    public bool TryPeek([NotNullWhen(true)] out NeedEntry? need)
    {
        need = _order.TryPeek(out var key) ? _needs[key] : null;
        return need is not null;
    }

    /// <summary>A part of the request whose turn it is has been answered.</summary>
    public void KeepFirst(in NeedEntry rest) => _needs[_order.Peek()] = rest;

    /// <summary>The request whose turn it is has been answered.</summary>
    public void RemoveFirst() => _needs.Remove(_order.Dequeue());

    /// <summary>The node has gone.</summary>
    public void Clear()
    {
        _order.Clear();
        _needs.Clear();
    }
}
