namespace Appliance.RepairChannel;

/// <summary>Makes one end's frames in place in its output.</summary>
internal sealed class FrameWriter(ChannelRole role, SendQueue output)
{
    private FrameKind _kind;
    private int _limit = -1;

    /// <summary>Room for a body; false beyond the backlog's limit.</summary>
    /// <exception cref="ArgumentException">This end does not send such frames, or not as long ones.</exception>
    public bool TryBegin(FrameKind kind, int maxBody, out Span<byte> body)
    {
        Cancel();
        body = [];
        if (!FrameRules.IsFrom(role, kind) || maxBody is < 0 or > FrameHeader.MaxBody)
        {
            throw new ArgumentException($"the {role} does not send {kind} frames of {maxBody} bytes", nameof(kind));
        }
        var frame = output.Reserve(maxBody + FrameHeader.Overhead);
        if (frame.IsEmpty)
        {
            return false;
        }
        (_kind, _limit) = (kind, maxBody);
        body = frame.Slice(FrameHeader.Length, maxBody);
        return true;
    }

    /// <summary>Closes and queues the frame that was begun.</summary>
    /// <exception cref="InvalidOperationException">None was begun.</exception>
    /// <exception cref="ArgumentException">Frames of this kind are not of that length.</exception>
    public void Commit(FrameSeal seal, int length)
    {
        if (_limit < 0)
        {
            throw new InvalidOperationException("no frame was begun");
        }
        if (length > _limit || !FrameRules.Fits(_kind, length))
        {
            throw new ArgumentException($"a {_kind} frame cannot have {length} bytes", nameof(length));
        }
        Queue(seal, _kind, length);
    }

    /// <summary>Queues this end's first frame.</summary>
    public void Prove(FrameSeal seal)
    {
        output.Reserve(FrameHeader.Overhead);
        Queue(seal, FrameKind.Proof, 0);
    }

    /// <summary>Forgets a frame that was begun.</summary>
    public void Cancel() => _limit = -1;

    private void Queue(FrameSeal seal, FrameKind kind, int length)
    {
        var size = length + FrameHeader.Overhead;
        seal.Close(kind, output.Reserved(size));
        output.Commit(size);
        Cancel();
    }
}
