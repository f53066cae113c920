namespace Appliance.Gateway.Recording.Store;

/// <summary>A block of memory that many payloads share; it goes back to its pool when none of them is needed.</summary>
internal sealed class Slab(SlabPool pool, int size)
{
    private int _users = 1;

    /// <summary>The memory.</summary>
    public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(size);

    /// <summary>How much is given out.</summary>
    public int Used { get; set; }

    /// <summary>One user more; the pool itself is one while it gives out parts.</summary>
    public void Use() => Interlocked.Increment(ref _users);

    /// <summary>One user less.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Used = 0;
            _users = 1;
            pool.Return(this);
        }
    }
}
