using System.Runtime.InteropServices;

namespace Appliance.Bpf;

/// <summary>A hash or array map, typed. Every call is one system call; none allocates.</summary>
public sealed unsafe class BpfMap<TKey, TValue>(BpfObject owner, int fd, int capacity)
    where TKey : unmanaged
    where TValue : unmanaged
{
    private const int NoEntry = 2;

    /// <summary>Most entries the map can hold.</summary>
    public int Capacity { get; } = capacity;

    /// <summary>File descriptor; valid while the object lives.</summary>
    public int Fd
    {
        get
        {
            ObjectDisposedException.ThrowIf(owner.IsClosed, owner);
            return fd;
        }
    }

    /// <summary>Reads one entry.</summary>
    public bool TryGet(in TKey key, out TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            return LibBpf.MapLookup(Fd, k, v) == 0;
        }
    }

    /// <summary>Creates or overwrites an entry.</summary>
    /// <exception cref="BpfException">The map is full (E2BIG) or out of memory.</exception>
    public void Set(in TKey key, in TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            var result = LibBpf.MapUpdate(Fd, k, v, 0);
            if (result < 0)
            {
                throw new BpfException("write to a BPF map", -result);
            }
        }
    }

    /// <summary>Removes an entry; false when there was none.</summary>
    public bool Remove(in TKey key)
    {
        fixed (TKey* k = &key)
        {
            var result = LibBpf.MapDelete(Fd, k);
            return result switch
            {
                0 => true,
                -NoEntry => false,
                _ => throw new BpfException("delete from a BPF map", -result),
            };
        }
    }

    /// <summary>
    /// Reads all entries, batch by batch; see <see cref="CopyTo"/>. The first batch is handed over before the second is read.
    /// </summary>
    public void ForEachBatch(BatchHandler handler)
    {
        const int Batch = 1024;
        var keys = (TKey*)NativeMemory.Alloc(Batch, (nuint)sizeof(TKey));
        var values = (TValue*)NativeMemory.Alloc(Batch, (nuint)sizeof(TValue));
        try
        {
            ulong cursor = 0;
            var first = true;
            for (var finished = false; !finished; first = false)
            {
                uint count = Batch;
                var result = LibBpf.MapLookupBatch(Fd, first ? null : &cursor, &cursor, keys, values, &count, nint.Zero);
                finished = result == -NoEntry;
                if (result < 0 && !finished)
                {
                    throw new BpfException("read a BPF map", -result);
                }
                handler(new ReadOnlySpan<TKey>(keys, (int)count), new ReadOnlySpan<TValue>(values, (int)count));
            }
        }
        finally
        {
            NativeMemory.Free(keys);
            NativeMemory.Free(values);
        }
    }

    /// <summary>
    /// Copies all entries into the caller's lists, which it clears first. Entries that come or go meanwhile may or may
    /// not be seen; no entry is seen torn unless the programs themselves write it without a lock.
    /// </summary>
    public void CopyTo(List<TKey> keys, List<TValue> values)
    {
        keys.Clear();
        values.Clear();
        ForEachBatch((k, v) =>
        {
            keys.AddRange(k);
            values.AddRange(v);
        });
    }

    /// <summary>A batch of entries; the spans are valid only during the call.</summary>
    public delegate void BatchHandler(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values);
}
