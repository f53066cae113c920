using Appliance.Bpf.Layout;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>
/// A replica as the node's programs and its TCP make it: next number, what came out of order, a window that the application's
/// reading opens, acknowledgements that are delayed, output that answers the input, and segments that are held until that is
/// there. By offsets; the FIN is one more.
/// </summary>
internal sealed class StackModel(uint clientIsn, uint serverIsn, int bufferBytes, int readPerMs, Func<long, long> outputAfter)
{
    private const byte Scale = 4;
    private const int DelayedAckMs = 40;

    private readonly SortedDictionary<long, Piece> _outOfOrder = [];
    private readonly List<Piece> _held = [];
    private readonly Queue<byte> _unread = new();
    private long _clientNext;
    private long _clientAck;
    private long _activeNext;
    private long _activeAck;
    private long _received;
    private long _window = bufferBytes;
    private long _unacknowledgedMs;

    public List<byte> Read { get; } = [];

    public long Next { get; private set; }

    public bool HasFin { get; private set; }

    /// <summary>Output produced, which follows from what the application has read.</summary>
    public long Sent => outputAfter(Read.Count);

    /// <summary>The first byte that is held for its time, of those that are missing.</summary>
    public uint? Held => _held.Where(p => p.End > _received).Select(static p => (long?)p.Offset).Min() is { } lowest ? Sequence(lowest) : null;

    public Replica State => new()
    {
        Flags = ReplicaFlags.Confirmed,
        ClientIsn = clientIsn,
        ClientNext = Sequence(_clientNext),
        ClientAck = Output(_clientAck),
        Sent = Output(Sent),
        Received = Sequence(_received),
        ActiveNext = Output(_activeNext),
        ActiveAck = Sequence(_activeAck),
        OwnWindow = (ushort)(_window >> Scale),
        OwnWscale = Scale,
    };

    /// <summary>A copy of what the active node sent.</summary>
    public void SeeActive(long sent, long acknowledged)
    {
        _activeNext = Math.Max(_activeNext, sent);
        _activeAck = Math.Max(_activeAck, acknowledged);
    }

    /// <summary>The gateway's word on the client.</summary>
    public void SeePosition(long clientNext, long clientAck)
    {
        _activeNext = Math.Max(_activeNext, clientAck);
        Track(clientNext, clientAck);
    }

    /// <summary>A client segment, copied, injected or on its own way.</summary>
    public void Deliver(long offset, ReadOnlySpan<byte> bytes, bool fin, long ack)
    {
        Track(offset + bytes.Length + (fin ? 1 : 0), ack);
        var piece = new Piece(offset, bytes.ToArray(), fin, ack);
        if (ack > Sent)
        {
            _held.Add(piece);
            return;
        }
        Accept(piece);
    }

    /// <summary>A keepalive probe: the stack acknowledges at once what it has.</summary>
    public void Probe() => Acknowledge();

    /// <summary>One millisecond: the application reads, held segments come free, an acknowledgement may be due.</summary>
    public void Pass()
    {
        var sent = Sent;
        for (var i = 0; i < readPerMs && _unread.TryDequeue(out var b); i++)
        {
            Read.Add(b);
        }
        if (Sent > sent)
        {
            Acknowledge(); // every segment of the output does
        }
        for (var i = 0; i < _held.Count;)
        {
            if (_held[i].Ack <= Sent)
            {
                var piece = _held[i];
                _held.RemoveAt(i);
                Accept(piece);
            }
            else
            {
                i++;
            }
        }
        _unacknowledgedMs = _received == Next ? 0 : _unacknowledgedMs + 1;
        if (_unacknowledgedMs >= DelayedAckMs || (_window < bufferBytes / 4 && Free > bufferBytes / 2))
        {
            Acknowledge();
        }
    }

    private long Free => Math.Max(0, bufferBytes - _unread.Count);

    private uint Sequence(long offset) => clientIsn + 1 + (uint)offset;

    private uint Output(long offset) => serverIsn + 1 + (uint)offset;

    private void Track(long end, long ack)
    {
        _clientNext = Math.Max(_clientNext, end);
        if (ack <= Math.Max(_activeNext, Sent))
        {
            _clientAck = Math.Max(_clientAck, ack);
        }
    }

    private void Accept(in Piece piece)
    {
        // RFC 9293 section 3.10.7.4: what lies outside of the window is answered and dropped.
        if (piece.End <= Next || piece.Offset > Next + Free)
        {
            Acknowledge();
            return;
        }
        if (piece.Offset > Next)
        {
            if (piece.End <= Next + Free && (!_outOfOrder.TryGetValue(piece.Offset, out var there) || there.End < piece.End))
            {
                _outOfOrder[piece.Offset] = piece;
            }
            Acknowledge();
            return;
        }
        Take(piece);
        while (_outOfOrder.Count > 0 && _outOfOrder.First() is var (offset, first) && offset <= Next)
        {
            _outOfOrder.Remove(offset);
            Take(first);
        }
    }

    private void Take(in Piece piece)
    {
        var skip = (int)Math.Max(0, Next - piece.Offset);
        for (var i = skip; i < piece.Bytes.Length; i++)
        {
            if (Free == 0)
            {
                return;
            }
            _unread.Enqueue(piece.Bytes[i]);
            Next++;
        }
        if (piece.Fin && !HasFin && Next == piece.End - 1)
        {
            HasFin = true;
            Next++;
        }
    }

    private void Acknowledge()
    {
        _received = Math.Max(_received, Next);
        _window = Free;
        _unacknowledgedMs = 0;
    }

    private readonly record struct Piece(long Offset, byte[] Bytes, bool Fin, long Ack)
    {
        public long End => Offset + Bytes.Length + (Fin ? 1 : 0);
    }
}
