namespace Appliance.RepairChannel;

/// <summary>The hellos and proofs of one session. The node proves first: a stranger gets no MAC from the gateway.</summary>
internal sealed class ChannelGreeting(ChannelRole role, byte[] ownHello, ReadOnlyMemory<byte> secret, ChannelWire wire, FrameWriter writer)
{
    private ReadOnlyMemory<byte> _secret = secret;
    private ChannelHello? _peer;

    /// <summary>Has the peer proven that it knows the secret?</summary>
    public bool IsProven { get; private set; }

    /// <summary>The peer, as it says.</summary>
    public ChannelHello Peer => _peer.GetValueOrDefault();

    /// <summary>Closes this end's frames; there once the peer's hello is.</summary>
    public FrameSeal? Outgoing { get; private set; }

    /// <summary>Opens the peer's frames; there once its hello is.</summary>
    public FrameSeal? Incoming { get; private set; }

    /// <summary>Bytes of the piece that has to come next. Nothing beyond it is read: what follows belongs to the session.</summary>
    private int Awaited => _peer is null ? ChannelHello.Length : FrameHeader.Overhead;

    /// <summary>Queues this end's hello.</summary>
    public void Start()
    {
        ownHello.CopyTo(wire.Output.Reserve(ownHello.Length));
        wire.Output.Commit(ownHello.Length);
    }

    /// <summary>Reads and writes what can be, until the peer is proven.</summary>
    /// <returns>Why the session has to end, otherwise <see cref="ChannelFault.None"/>.</returns>
    /// <exception cref="ChannelException">The end, or an error.</exception>
    public ChannelFault Advance()
    {
        // First, for a peer of another version has to learn of this one before the connection is closed.
        wire.Flush();
        while (!IsProven && wire.Receive(wire.Input.Room[..(Awaited - wire.Input.Unread.Length)], isReady: false) > 0)
        {
            if (wire.Input.Unread.Length < Awaited)
            {
                continue;
            }
            var fault = _peer is null ? TakeHello(wire.Input.Unread) : TakeProof(wire.Input.Unread);
            if (fault != ChannelFault.None)
            {
                return fault;
            }
            wire.Input.Consume(wire.Input.Unread.Length);
            if (IsProven == (role == ChannelRole.Gateway))
            {
                writer.Prove(Outgoing!);
            }
        }
        wire.Flush();
        return ChannelFault.None;
    }

    private ChannelFault TakeHello(ReadOnlySpan<byte> bytes)
    {
        var other = role == ChannelRole.Node ? ChannelRole.Gateway : ChannelRole.Node;
        var fault = ChannelHello.TryRead(bytes, other, out var hello);
        if (fault == ChannelFault.None)
        {
            var node = role == ChannelRole.Node ? ownHello : bytes;
            var gateway = role == ChannelRole.Node ? bytes : ownHello;
            Outgoing = ChannelKeys.Derive(_secret.Span, role, node, gateway);
            Incoming = ChannelKeys.Derive(_secret.Span, other, node, gateway);
            _secret = default;
            _peer = hello;
        }
        return fault;
    }

    private ChannelFault TakeProof(ReadOnlySpan<byte> frame)
    {
        var header = FrameHeader.Read(frame);
        if (header.BodyLength != 0 || header.Kind != FrameKind.Proof || Incoming!.Open(frame) != ChannelFault.None)
        {
            return ChannelFault.Secret;
        }
        IsProven = true;
        return ChannelFault.None;
    }
}
