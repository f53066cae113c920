namespace Appliance.Tests.Unit.Simulation;

/// <summary>What is due, the earliest first: a binary heap of values, without allocation once it has grown.</summary>
internal sealed class EventQueue
{
    private SimulationEvent[] _heap = new SimulationEvent[256];
    private int _count;
    private ulong _order;

    /// <summary>Plans an event.</summary>
    public void Add(ulong atNs, EventKind kind, int subject, int detail = 0)
    {
        if (_count == _heap.Length)
        {
            Array.Resize(ref _heap, 2 * _count);
        }
        var added = new SimulationEvent(atNs, ++_order, kind, subject, detail);
        var i = _count++;
        for (int parent; i > 0 && IsEarlier(added, _heap[parent = (i - 1) / 2]); i = parent)
        {
            _heap[i] = _heap[parent];
        }
        _heap[i] = added;
    }

    /// <summary>Takes the next event out; there always is one.</summary>
    public SimulationEvent Take()
    {
        var first = _heap[0];
        var last = _heap[--_count];
        var i = 0;
        for (var child = 1; child < _count; child = (2 * i) + 1)
        {
            if (child + 1 < _count && IsEarlier(_heap[child + 1], _heap[child]))
            {
                child++;
            }
            if (!IsEarlier(_heap[child], last))
            {
                break;
            }
            _heap[i] = _heap[child];
            i = child;
        }
        _heap[i] = last;
        return first;
    }

    private static bool IsEarlier(in SimulationEvent a, in SimulationEvent b) => a.AtNs < b.AtNs || (a.AtNs == b.AtNs && a.Order < b.Order);
}
