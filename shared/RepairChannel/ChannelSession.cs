using System.Net;
using System.Net.Sockets;
using Appliance.Native;

namespace Appliance.RepairChannel;

/// <summary>
/// One end of the authenticated connection between a node and the gateway. One thread owns it: it polls <see cref="Descriptor"/> for
/// input, and for output while <see cref="WantsWrite"/>, and calls <see cref="Pump"/> then and at least once a second. In
/// steady state nothing is allocated per frame.
/// </summary>
public sealed class ChannelSession : IDisposable
{
    /// <summary>Most bytes that one pump reads, so that other sessions and this one's output get their turn.</summary>
    private const int ReadBudget = 1 << 20;

    private readonly string _peer;
    private readonly ChannelWire _wire;
    private readonly ChannelGreeting _greeting;
    private readonly FrameWriter _writer;
    private readonly ulong _patienceNs;
    private readonly ulong _helloDeadlineNs;
    private FrameReader? _reader;
    private ChannelException? _end;
    private bool _pumping;
    private bool _disposed;

    private ChannelSession(Socket socket, string peer, ChannelHello hello, ReadOnlyMemory<byte> secret, ulong nowNs, ChannelOptions options)
    {
        (Socket, _peer) = (socket, peer);
        Descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        _patienceNs = MonotonicClock.Nanoseconds(options.Patience);
        _helloDeadlineNs = nowNs + _patienceNs;
        _wire = new ChannelWire(socket, peer, options.BacklogLimit);
        _writer = new FrameWriter(hello.Role, _wire.Output);
        var bytes = new byte[ChannelHello.Length];
        hello.Write(bytes);
        _greeting = new ChannelGreeting(hello.Role, bytes, secret, _wire, _writer);
        _greeting.Start();
    }

    /// <summary>The connection.</summary>
    public Socket Socket { get; }

    /// <summary>The connection, for poll(2).</summary>
    public int Descriptor { get; }

    /// <summary>Has the peer proven that it knows the secret? Only then can frames be sent. False again when the session is over.</summary>
    public bool IsReady => _reader is not null && _end is null && !_disposed;

    /// <summary>At the gateway the node's name, once it has proven itself; empty at a node.</summary>
    public string PeerName => _greeting.IsProven ? _greeting.Peer.Name : "";

    /// <summary>The peer's start, Unix nanoseconds, once it has proven itself.</summary>
    public ulong PeerInstance => _greeting.IsProven ? _greeting.Peer.Instance : 0;

    /// <summary>Does something wait to be written? Before the connection stands: always.</summary>
    public bool WantsWrite => _wire.Output.Count > 0;

    /// <summary>Bytes that wait to be written.</summary>
    public int Backlog => _wire.Output.Count;

    /// <summary>Starts to connect to the gateway.</summary>
    /// <param name="gateway">One of the gateway's heartbeat addresses; TCP has the same port.</param>
    /// <param name="nodeName">This node's name, at most 16 bytes of UTF-8.</param>
    /// <param name="secret">The shared secret; kept by reference until both ends are proven.</param>
    /// <param name="nowNs">CLOCK_MONOTONIC, nanoseconds.</param>
    /// <param name="options">What differs from <see cref="ChannelOptions.Default"/>.</param>
    /// <exception cref="ChannelException">The kernel refuses at once; most refusals show in <see cref="Pump"/>.</exception>
    /// <exception cref="ArgumentException">The name does not fit, or the secret is empty.</exception>
    public static ChannelSession Connect(IPEndPoint gateway, string nodeName, ReadOnlyMemory<byte> secret, ulong nowNs, ChannelOptions? options = null)
    {
        ChannelKeys.ThrowIfEmpty(secret.Span);
        options ??= ChannelOptions.Default;
        var hello = ChannelHello.Create(ChannelRole.Node, nodeName, options.Instance);
        var peer = $"gateway {gateway}";
        try
        {
            return new ChannelSession(ChannelSocket.Connect(gateway, options), peer, hello, secret, nowNs, options);
        }
        catch (SocketException e)
        {
            throw ChannelMessages.Of(e.SocketErrorCode, peer);
        }
    }

    /// <summary>Takes a connection that a listener accepted, and owns its socket from then on.</summary>
    /// <inheritdoc cref="Connect"/>
    public static ChannelSession Accept(Socket accepted, ReadOnlyMemory<byte> secret, ulong nowNs, ChannelOptions? options = null)
    {
        ChannelKeys.ThrowIfEmpty(secret.Span);
        options ??= ChannelOptions.Default;
        var hello = ChannelHello.Create(ChannelRole.Gateway, "", options.Instance);
        var peer = ChannelSocket.Describe(accepted);
        try
        {
            ChannelSocket.Prepare(accepted, options);
            return new ChannelSession(accepted, peer, hello, secret, nowNs, options);
        }
        catch (SocketException e)
        {
            accepted.Dispose();
            throw ChannelMessages.Of(e.SocketErrorCode, peer);
        }
    }

    /// <summary>Queues a frame; the next <see cref="Pump"/> sends it.</summary>
    /// <returns>False before the session is ready, after its end, and when the backlog would exceed its limit.</returns>
    /// <exception cref="ArgumentException">This end does not send such frames, or not of that length.</exception>
    public bool TrySend(FrameKind kind, ReadOnlySpan<byte> body)
    {
        if (!IsReady || !_writer.TryBegin(kind, body.Length, out var room))
        {
            return false;
        }
        body.CopyTo(room);
        Commit(body.Length);
        return true;
    }

    /// <summary>Room for a frame's body, to be written in place and then sent with <see cref="Commit"/>. A further begin takes it back.</summary>
    /// <param name="kind">What the body will be.</param>
    /// <param name="maxBody">Most bytes that it may come to; at least 1.</param>
    /// <returns>Empty where <see cref="TrySend"/> returns false.</returns>
    /// <inheritdoc cref="TrySend"/>
    public Span<byte> Begin(FrameKind kind, int maxBody)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBody, 1);
        return IsReady && _writer.TryBegin(kind, maxBody, out var body) ? body : [];
    }

    /// <summary>Queues the frame that was begun, with the first <paramref name="length"/> bytes of its body.</summary>
    /// <exception cref="InvalidOperationException">None was begun.</exception>
    /// <exception cref="ArgumentException">Frames of this kind are not of that length.</exception>
    public void Commit(int length) => _writer.Commit(_greeting.Outgoing!, length);

    /// <summary>
    /// Reads what has arrived, hands on each authentic frame, and writes what the kernel takes. It reads 1 MiB at most and
    /// leaves the rest in the kernel, so that poll(2) comes back at once.
    /// </summary>
    /// <param name="handler">Takes the frames; keep one delegate, making one allocates.</param>
    /// <param name="nowNs">CLOCK_MONOTONIC, nanoseconds.</param>
    /// <exception cref="ChannelException">The session is over.</exception>
    public void Pump(FrameHandler handler, ulong nowNs)
    {
        if (_pumping)
        {
            throw new InvalidOperationException("a handler must not pump its session");
        }
        if (!Greet(nowNs))
        {
            return;
        }
        _pumping = true;
        try
        {
            Read(handler);
            if (_disposed)
            {
                return;
            }
            ThrowIf(_reader!.IsOverdue(nowNs), ChannelFault.Timeout);
            _wire.Flush();
        }
        catch (ChannelException e)
        {
            _end ??= e;
            throw;
        }
        finally
        {
            _pumping = false;
        }
    }

    /// <summary>Goes on with the hello; reads nothing beyond it.</summary>
    /// <returns>True when the session is ready.</returns>
    /// <inheritdoc cref="Pump"/>
    internal bool Greet(ulong nowNs)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_end is not null)
        {
            throw _end;
        }
        if (_reader is not null)
        {
            return true;
        }
        try
        {
            var fault = _greeting.Advance();
            ThrowIf(fault != ChannelFault.None, fault);
            ThrowIf(!_greeting.IsProven && nowNs > _helloDeadlineNs, ChannelFault.Timeout);
        }
        catch (ChannelException e)
        {
            _end = e;
            throw;
        }
        if (_greeting.IsProven)
        {
            _wire.Input.Grow();
            _reader = new FrameReader(_greeting.Peer.Role, _greeting.Incoming!, _wire.Input, _patienceNs);
        }
        return _greeting.IsProven;
    }

    /// <summary>Ends the session for a reason; the caller throws or tells it.</summary>
    internal ChannelException End(ChannelFault fault) =>
        _end = ChannelMessages.Of(fault, PeerName.Length > 0 ? $"{PeerName} at {_peer}" : _peer, _greeting.IsProven);

    /// <summary>Closes the connection; what was not written is lost.</summary>
    public void Dispose()
    {
        _disposed = true;
        _greeting.Outgoing?.Dispose();
        _greeting.Incoming?.Dispose();
        Socket.Dispose();
    }

    private void Read(FrameHandler handler)
    {
        for (var budget = ReadBudget; budget > 0 && !_disposed;)
        {
            var room = _wire.Input.Room;
            var count = _wire.Receive(room, isReady: true);
            budget -= count;
            Deliver(handler);
            if (count < room.Length)
            {
                return;
            }
        }
    }

    private void Deliver(FrameHandler handler)
    {
        var fault = ChannelFault.None;
        while (!_disposed && _reader!.TryTake(out var kind, out var body, out fault))
        {
            handler(kind, body);
        }
        ThrowIf(fault != ChannelFault.None, fault);
    }

    private void ThrowIf(bool isOver, ChannelFault fault)
    {
        if (isOver)
        {
            throw End(fault);
        }
    }
}
