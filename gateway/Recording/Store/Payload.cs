namespace Appliance.Gateway.Recording.Store;

/// <summary>Bytes in a slab; they stay as they are until <see cref="Free"/>.</summary>
internal readonly struct Payload
{
    private readonly Slab? _slab;
    private readonly int _at;

    internal Payload(Slab slab, int at, int length)
    {
        _slab = slab;
        _at = at;
        Length = length;
    }

    /// <summary>How many.</summary>
    public int Length { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Memory => _slab is null ? default : _slab.Bytes.AsMemory(_at, Length);

    /// <summary>They are not needed any more.</summary>
    public void Free() => _slab?.Release();
}
