using System.Collections.Concurrent;

namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// Copies payloads into large blocks that are used again and again, so that what waits for a slow server is no work for
/// the garbage collector, whose pauses would stop the whole gateway.
/// </summary>
internal sealed class SlabPool
{
    private const int Size = 256 * 1024;
    private const int MostIdle = 32;

    private readonly ConcurrentStack<Slab> _idle = new();
    private readonly Lock _gate = new();
    private Slab? _current;

    /// <summary>A copy.</summary>
    public Payload Copy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return default;
        }
        var payload = Reserve(bytes.Length, out var slab, out var at);
        bytes.CopyTo(slab.Bytes.AsSpan(at));
        return payload;
    }

    /// <summary>A slab without users.</summary>
    public void Return(Slab slab)
    {
        if (slab.Bytes.Length == Size && _idle.Count < MostIdle)
        {
            _idle.Push(slab);
        }
    }

    private Payload Reserve(int length, out Slab slab, out int at)
    {
        lock (_gate)
        {
            if (_current is null || _current.Bytes.Length - _current.Used < length)
            {
                _current?.Release();
                _current = length <= Size && _idle.TryPop(out var idle) ? idle : new Slab(this, Math.Max(length, Size));
            }
            slab = _current;
            at = slab.Used;
            slab.Used += length;
            slab.Use();
        }
        return new Payload(slab, at, length);
    }
}
