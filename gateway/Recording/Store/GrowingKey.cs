using System.Numerics;

namespace Appliance.Gateway.Recording.Store;

/// <summary>A string key that only grows.</summary>
/// <param name="most">Most bytes that it will have.</param>
internal sealed class GrowingKey(int most)
{
    private const int LeastReserve = 64;

    private Presence _presence;

    private enum Presence
    {
        Absent,
        Assumed,
        Written,
    }

    /// <summary>Bytes that are allocated at the server, as far as known.</summary>
    public int Capacity { get; private set; }

    /// <summary>Is there nothing at the server?</summary>
    public bool IsAbsent => _presence == Presence.Absent;

    /// <summary>A key that a server has already.</summary>
    public static GrowingKey Existing(int most, int length) => new(most) { _presence = Presence.Assumed, Capacity = length };

    /// <summary>The connection broke: what was sent may be there or not, and its time to live, too.</summary>
    public void Doubt()
    {
        if (_presence == Presence.Written)
        {
            _presence = Presence.Assumed;
        }
    }

    /// <summary>
    /// Writes bytes. With <paramref name="reserve"/>, room is made in powers of two: a log-structured server
    /// copies a string that grows, but not one that is overwritten in place.
    /// </summary>
    /// <returns>True when the string was created or grew.</returns>
    public bool Write(IStoreWriter writer, string key, int position, byte[] bytes, TimeSpan ttl, bool reserve)
    {
        var end = position + bytes.Length;
        var grows = end > Capacity;
        var capacity = Math.Max(Capacity, reserve ? Math.Min(most, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(end, LeastReserve))) : end);
        if (IsAbsent && position == 0)
        {
            if (capacity > end)
            {
                Array.Resize(ref bytes, capacity);
            }
            writer.Set(key, bytes, ttl);
        }
        else
        {
            if (capacity > Capacity && capacity > end)
            {
                writer.SetRange(key, capacity - 1, new byte[1]);
            }
            writer.SetRange(key, position, bytes);
            if (_presence != Presence.Written)
            {
                writer.Expire(key, ttl);
            }
        }
        Capacity = Math.Max(capacity, end);
        _presence = Presence.Written;
        return grows;
    }
}
