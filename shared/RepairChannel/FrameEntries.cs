namespace Appliance.RepairChannel;

/// <summary>The entries of a list frame's body, for foreach.</summary>
/// <typeparam name="T">The frame's entry.</typeparam>
public readonly ref struct FrameEntries<T>(ReadOnlySpan<byte> body)
    where T : struct, IFrameEntry<T>
{
    private readonly ReadOnlySpan<byte> _body = body;

    /// <summary>Number of entries.</summary>
    public int Count => _body.Length / T.Size;

    /// <summary>One of them.</summary>
    public T this[int index] => T.Read(_body.Slice(index * T.Size, T.Size));

    /// <summary>From the first to the last.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Goes through the entries.</summary>
    public ref struct Enumerator(FrameEntries<T> entries)
    {
        private readonly FrameEntries<T> _entries = entries;
        private int _index = -1;

        /// <summary>The entry at hand.</summary>
        public readonly T Current => _entries[_index];

        /// <summary>Goes to the next entry.</summary>
        public bool MoveNext() => ++_index < _entries.Count;
    }
}
