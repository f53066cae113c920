namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// Arrays for whole segments on their way to the server, used again: most of what is written under load. They are lent
/// until the batch's answers are there.
/// </summary>
internal sealed class SegmentBuffers
{
    private readonly Stack<byte[]> _idle = [];
    private readonly List<byte[]> _lent = [];

    /// <summary>An array of just that many bytes, with anything in it.</summary>
    public byte[] Rent(int length)
    {
        if (length != Segment.Size)
        {
            return GC.AllocateUninitializedArray<byte>(length);
        }
        var buffer = _idle.TryPop(out var idle) ? idle : GC.AllocateUninitializedArray<byte>(length);
        _lent.Add(buffer);
        return buffer;
    }

    /// <summary>Every command that was sent is answered: what was lent is free.</summary>
    public void Reclaim()
    {
        foreach (var buffer in _lent)
        {
            _idle.Push(buffer);
        }
        _lent.Clear();
    }

    /// <summary>An answer is missing: what was lent may still be read at any time.</summary>
    public void Abandon() => _lent.Clear();
}
