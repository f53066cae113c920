namespace Appliance.RepairChannel;

/// <summary>Takes the peer's frames from the input, one after the other.</summary>
internal sealed class FrameReader(ChannelRole peer, FrameSeal seal, ReceiveBuffer input, ulong patienceNs)
{
    private ulong _awaited;
    private ulong _deadlineNs;

    /// <summary>Takes the next frame, once all of it is there and it is authentic.</summary>
    /// <param name="kind">What it carries.</param>
    /// <param name="body">Its body, valid until more is read.</param>
    /// <param name="fault">Why the session has to end, otherwise <see cref="ChannelFault.None"/>.</param>
    public bool TryTake(out FrameKind kind, out ReadOnlySpan<byte> body, out ChannelFault fault)
    {
        kind = default;
        body = [];
        fault = ChannelFault.None;
        if (input.Unread.Length < FrameHeader.Length)
        {
            return false;
        }
        var header = FrameHeader.Read(input.Unread);
        if (header.BodyLength > FrameHeader.MaxBody)
        {
            fault = ChannelFault.Oversize;
            return false;
        }
        var size = (int)header.BodyLength + FrameHeader.Overhead;
        if (input.Unread.Length < size)
        {
            return false;
        }
        var frame = input.Unread[..size];
        fault = seal.Open(frame);
        if (fault == ChannelFault.None && !(FrameRules.IsFrom(peer, header.Kind) && FrameRules.Fits(header.Kind, (int)header.BodyLength)))
        {
            fault = ChannelFault.Content;
        }
        if (fault != ChannelFault.None)
        {
            return false;
        }
        input.Consume(size);
        kind = header.Kind;
        body = frame[FrameHeader.Length..^FrameHeader.MacLength];
        return true;
    }

    /// <summary>Has a frame that began been awaited for too long? One whose length was altered would be for ever.</summary>
    public bool IsOverdue(ulong nowNs)
    {
        if (input.Unread.IsEmpty || _awaited != seal.Counter)
        {
            (_awaited, _deadlineNs) = (seal.Counter, nowNs + patienceNs);
        }
        return nowNs > _deadlineNs;
    }
}
