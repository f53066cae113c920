using System.Diagnostics.CodeAnalysis;
using Appliance.Bpf.Layout;

namespace Appliance.Datagrams;

/// <summary>
/// The windows of all clients' ends. When the memory is out, or there are too many, the one that has been silent longest gives way.
/// Not thread-safe.
/// </summary>
/// <param name="memory">The bound of all windows together.</param>
/// <param name="maxFlows">Most windows.</param>
/// <param name="capacity">Numbers that a window spans.</param>
public sealed class DatagramWindows(DatagramMemory memory, int maxFlows, int capacity = DatagramWindow.DefaultCapacity)
{
    private readonly Dictionary<FlowKey, LinkedListNode<Entry>> _windows = [];
    private readonly LinkedList<Entry> _silentFirst = [];
    private readonly Stack<LinkedListNode<Entry>> _idle = [];

    /// <summary>Hears of each that is forgotten.</summary>
    public Action<FlowKey>? Removed { get; set; }

    /// <summary>How many there are.</summary>
    public int Count => _windows.Count;

    /// <summary>Records a datagram. False when it is held already, or is larger than all the memory.</summary>
    public bool Record(in FlowKey key, uint number, ReadOnlySpan<byte> payload, ulong recordedNs, int active = -1)
    {
        var node = Touch(key, recordedNs);
        while (!node.Value.Window.Add(number, payload, recordedNs, active))
        {
            if (node.Value.Window.TryGet(number, out _) || !MakeRoom())
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The window of a client's end.</summary>
    public bool TryGet(in FlowKey key, [NotNullWhen(true)] out DatagramWindow? window)
    {
        window = _windows.TryGetValue(key, out var node) ? node.Value.Window : null;
        return window is not null;
    }

    /// <summary>Forgets a client's end; false when it was not known.</summary>
    public bool Remove(in FlowKey key)
    {
        if (!_windows.Remove(key, out var node))
        {
            return false;
        }
        node.Value.Window.Reset();
        _silentFirst.Remove(node);
        _idle.Push(node);
        Removed?.Invoke(key);
        return true;
    }

    /// <summary>Forgets those that have recorded nothing since <paramref name="lastNs"/>.</summary>
    /// <returns>How many.</returns>
    public int RemoveSilent(ulong lastNs)
    {
        var before = Count;
        while (_silentFirst.First is { } node && node.Value.LastNs < lastNs)
        {
            Remove(node.Value.Key);
        }
        return before - Count;
    }

    /// <summary>Calls for each, the longest silent first; the handler must not add or remove any.</summary>
    public void ForEach(Action<FlowKey, DatagramWindow> handler)
    {
        foreach (var entry in _silentFirst)
        {
            handler(entry.Key, entry.Window);
        }
    }

    private LinkedListNode<Entry> Touch(in FlowKey key, ulong now)
    {
        if (_windows.TryGetValue(key, out var node))
        {
            _silentFirst.Remove(node);
        }
        else
        {
            if (Count >= maxFlows && _silentFirst.First is { } silent)
            {
                Remove(silent.Value.Key);
            }
            if (!_idle.TryPop(out node))
            {
                node = new LinkedListNode<Entry>(new Entry(new DatagramWindow(memory, capacity)));
            }
            node.Value.Key = key;
            _windows.Add(key, node);
        }
        node.Value.LastNs = now;
        _silentFirst.AddLast(node);
        return node;
    }

    /// <summary>The oldest datagram of whoever has been silent longest.</summary>
    private bool MakeRoom()
    {
        while (_silentFirst.First is { } node)
        {
            if (node.Value.Window.EvictOldest())
            {
                return true;
            }
            if (node == _silentFirst.Last)
            {
                return false;
            }
            Remove(node.Value.Key);
        }
        return false;
    }

    private sealed class Entry(DatagramWindow window)
    {
        public FlowKey Key { get; set; }

        public ulong LastNs { get; set; }

        public DatagramWindow Window { get; } = window;
    }
}
