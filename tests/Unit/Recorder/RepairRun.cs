using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Gateway.Recording;
using Appliance.Recording;
using Appliance.RepairChannel;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>
/// A client, the gateway's recordings and desk, and one or two replicas that get lossy copies, millisecond by millisecond. The
/// active node receives everything; half of the runs kill it on the way. A number decides everything else.
/// </summary>
internal sealed class RepairRun : NodeModel.IDesk, IRepairOutlet
{
    private const int LimitMs = 9_000;
    private const int WriteAfterMs = 30;

    private readonly Random _random;
    private readonly LossyTap _tap;
    private readonly FlowKey _key = Ends.V4.Key;
    private readonly uint _isn;
    private readonly ChunkPool _pool = new(64 << 20);
    private readonly Recordings _recordings;
    private readonly RepairDesk _desk;
    private readonly RecordedFlow _flow;
    private readonly Queue<Segment> _ring = new();
    private readonly PriorityQueue<(NodeModel Node, Segment Segment), int> _copies = new();
    private readonly List<NodeModel> _nodes = [];
    private readonly int _length;
    private readonly int _outputRatio;
    private readonly int _crashMs;
    private readonly bool[] _connected = [true, true, true];
    private int _ms = 1000;
    private long _sent;
    private bool _finSent;
    private bool _isCalm;
    private (long Received, long Output) _heard;
    private long _known;
    private long _clientAck;
    private int _active;

    public RepairRun(int seed, RecordPolicy policy)
    {
        _random = new Random(seed);
        _isn = (uint)(_random.Next(2) == 0 ? _random.NextInt64(1L << 32) : (1L << 32) - _random.Next(100_000));
        _length = _random.Next(4) == 0 ? _random.Next(100) : _random.Next(120_000);
        _outputRatio = 1 + _random.Next(50);
        _tap = new LossyTap(_random.Next(3) * _random.Next(30), _random.Next(20), _random.Next(8));
        _crashMs = _random.Next(2) == 0 ? int.MaxValue : _ms + _random.Next(200);
        var replicas = 1 + _random.Next(2);
        _recordings = new Recordings(_pool, policy, 20_000, isBounded: false, nodes: 1 + replicas);
        _recordings.Assign(new Assignment(1, 0, (byte)(replicas == 1 ? 0b010 : 0b110)));
        _desk = new RepairDesk(_recordings, this, Find, static () => { }, static (in _, in _) => { });
        var buffer = 3000 + _random.Next(60_000);
        var reading = 200 + _random.Next(3000);
        for (var node = 1; node <= replicas; node++)
        {
            _nodes.Add(new NodeModel(node, _key, _isn, () => new StackModel(_isn, RecorderScene.ServerIsn, buffer, reading, OutputAfter), this));
            if (_random.Next(3) > 0)
            {
                _nodes[^1].Open(); // or its copy of the handshake was lost
            }
        }
        _recordings.Open(_key, Handshake, origin: 0, NowNs, out _flow);
        _desk.Opened(_flow);
    }

    private Handshake Handshake => RecorderScene.Handshake(_isn);

    private ulong NowNs => RecorderScene.Ms(_ms);

    /// <summary>Runs until every replica has the whole stream, byte for byte.</summary>
    public void Complete()
    {
        while (!_nodes.TrueForAll(IsComplete))
        {
            Assert.IsLessThan(LimitMs, _ms, $"{Describe()} has not converged");
            Step();
        }
        foreach (var node in _nodes)
        {
            for (var i = 0; i < _length; i++)
            {
                Assert.AreEqual(RecorderScene.ByteAt(i), node.Stack!.Read[i], $"{Describe()}: node {node.Index}, byte {i}");
            }
        }
        _isCalm = true;
        for (var i = 0; i < 200; i++)
        {
            Step();
        }
        Assert.AreEqual(FlowState.Protected, StateWithoutFailover(), Describe());
        Assert.AreEqual(HeldAtTheEnd(), _flow.Window.Bytes, $"{Describe()}: bytes held at the end");
        _recordings.Remove(_flow);
        Assert.AreEqual(0L, _pool.UsedBytes);
    }

    bool IRepairOutlet.IsSettled(int node) => _connected[node];

    ulong IRepairOutlet.EpochOf(int node) => ulong.MaxValue;

    ulong IRepairOutlet.ScannedNs(int node) => NowNs - RecorderScene.Ms(1);

    bool IRepairOutlet.Offer(int node, in FlowEntry offer)
    {
        var copy = offer;
        return Send(node, n => n.OnOffer(copy));
    }

    bool IRepairOutlet.Tell(int node, in PositionEntry position)
    {
        var copy = position;
        return Send(node, n => n.OnPosition(copy));
    }

    bool IRepairOutlet.End(int node, in EndEntry end) => throw new AssertFailedException($"{Describe()}: an end of an open connection");

    bool IRepairOutlet.Speak(int node, in VoiceEntry voice) => throw new NotSupportedException();

    bool IRepairOutlet.Refuse(int node, in GoneEntry gone) => throw new AssertFailedException($"{Describe()}: refused to node {node}");

    bool IRepairOutlet.Supply(int node, in BytesHeader header, ReadOnlySpan<byte> payload)
    {
        var (head, bytes) = (header, payload.ToArray());
        return Send(node, n => n.OnBytes(head, bytes));
    }

    bool IRepairOutlet.IsBusy(int node) => _random.Next(3) == 0;

    bool IRepairOutlet.Supply(int node, in DatagramHeader header, ReadOnlySpan<byte> payload) => throw new NotSupportedException();

    void NodeModel.IDesk.OnProgress(int node, in ProgressEntry entry) => _desk.OnProgress(node, entry, NowNs);

    void NodeModel.IDesk.OnNeed(int node, in NeedEntry need)
    {
        if (!_desk.HasReady(need))
        {
            Drain(all: true);
        }
        _desk.OnNeed(node, need, NowNs);
    }

    private bool Send(int node, Action<NodeModel> message)
    {
        if (!_connected[node] || _random.Next(20) == 0)
        {
            return false;
        }
        var receiver = _nodes[node - 1];
        receiver.Receive(() => message(receiver));
        return true;
    }

    private void Step()
    {
        _ms++;
        if (_ms >= _crashMs && _active == 0 && _nodes[0].Stack is not null)
        {
            Crash();
        }
        SendOnTime();
        while (_copies.TryPeek(out var copy, out var dueMs) && dueMs <= _ms)
        {
            _copies.Dequeue();
            Deliver(copy.Node, copy.Segment);
        }
        Drain(all: false);
        foreach (var node in _nodes)
        {
            node.Pass(NowNs);
            _connected[node.Index] = true;
        }
        Breakdown();
        _desk.Tick(NowNs);
        if (_ms % 50 == 0)
        {
            _desk.Review(NowNs);
        }
    }

    private void SendOnTime()
    {
        for (var i = _random.Next(6); i > 0 && !_finSent; i--)
        {
            var length = (int)Math.Min(_length - _sent, _random.Next(3000));
            _finSent = _sent + length == _length && _random.Next(2) == 0;
            Transmit(new Segment(_sent, length, _finSent, _clientAck, _ms));
            _sent += length;
        }
        Hear();
        if (_random.Next(10) == 0 && _sent > _known)
        {
            var from = _known + _random.NextInt64(_sent - _known);
            Transmit(new Segment(from, (int)Math.Min(_sent - from, 2000), Fin: false, _clientAck, _ms));
        }
        if (_active == 1 && _ms % 20 == 0 && _known < _sent + 1)
        {
            // The client's own timer: the new active node has not acknowledged everything.
            for (var from = Math.Min(_known, _sent); from <= _sent; from += 2000)
            {
                var length = (int)Math.Min(_sent - from, 2000);
                Transmit(new Segment(from, length, _finSent && from + length == _length, _clientAck, _ms));
            }
        }
    }

    /// <summary>What the active node has sent reaches the client, and its copy the replicas.</summary>
    private void Hear()
    {
        var received = _active == 0 ? _sent + (_finSent ? 1 : 0) : _nodes[0].Stack!.State.Received - _isn - 1;
        var output = _active == 0 ? OutputAfter(_sent) : _nodes[0].Stack!.Sent;
        var isNews = (received, output) != _heard;
        _heard = (received, output);
        foreach (var node in _nodes)
        {
            if (isNews && node.Index != _active && node.Stack is not null && !_tap.Loses(_random))
            {
                node.Stack.SeeActive(output, received);
            }
        }
        // Not always: the client's knowledge is a little old.
        if (_random.Next(3) > 0)
        {
            (_known, _clientAck) = (Math.Max(_known, received), Math.Max(_clientAck, output));
        }
    }

    private void Transmit(in Segment segment)
    {
        if (segment.Length == 0 && !segment.Fin)
        {
            return;
        }
        _ring.Enqueue(segment);
        foreach (var node in _nodes)
        {
            if (node.Index == _active)
            {
                _copies.Enqueue((node, segment), _ms);
                continue;
            }
            for (var copies = _random.Next(20) == 0 ? 2 : 1; copies > 0; copies--)
            {
                if (!_tap.Loses(_random))
                {
                    _copies.Enqueue((node, segment), _ms + _random.Next(1 + _tap.DelayMs));
                }
            }
        }
    }

    private static void Deliver(NodeModel node, in Segment segment) =>
        node.Stack?.Deliver(segment.Offset, RecorderScene.Bytes(segment.Offset, segment.Length), segment.Fin, segment.Ack);

    /// <summary>As the recorder reads its ring.</summary>
    private void Drain(bool all)
    {
        while (_ring.TryPeek(out var s))
        {
            var sequence = _isn + 1 + (uint)s.Offset;
            if (_recordings.IsConfirmed(_flow, sequence, s.Length, s.Fin))
            {
                _recordings.Skip(_flow, sequence, s.Length, s.Fin);
            }
            else if (all || _recordings.Policy != RecordPolicy.Unconfirmed || _ms > s.AtMs + WriteAfterMs)
            {
                var result = _recordings.Append(
                    _flow, sequence, RecorderScene.ServerIsn + 1 + (uint)s.Ack, s.Fin, RecorderScene.Bytes(s.Offset, s.Length), RecorderScene.Ms(s.AtMs));
                Assert.AreEqual((0, 0), (result.Refused, result.Conflicting));
            }
            else
            {
                return;
            }
            _ring.Dequeue();
        }
    }

    private void Crash()
    {
        _active = 1;
        Drain(all: false);
        _recordings.Assign(new Assignment(2, 1, (byte)(_nodes.Count == 1 ? 0 : 0b100)));
        _desk.Reconsider();
    }

    private void Breakdown()
    {
        if (!_isCalm && _random.Next(300) == 0)
        {
            var node = _nodes[_random.Next(_nodes.Count)];
            _connected[node.Index] = false;
            node.Reconnect();
            _recordings.Unlearn(node.Index);
            _desk.Reconsider();
        }
    }

    private FlowState StateWithoutFailover() =>
        _active == 1 && _nodes.Count == 1 ? FlowState.Protected : _recordings.StateOf(_flow, NowNs, RecorderScene.Ms(100), uint.MaxValue);

    private long HeldAtTheEnd() => _recordings.Policy switch
    {
        RecordPolicy.Full => _length,
        RecordPolicy.Window => Math.Min(_length, 20_000 - 1),
        _ => 0,
    };

    private bool IsComplete(NodeModel node) => node.Stack is { HasFin: true } stack && stack.Read.Count == _length;

    private long OutputAfter(long received) => Math.Min(received, _length) / _outputRatio;

    private bool Find(in FlowKey key, out Flow flow)
    {
        flow = new Flow
        {
            Handshake = Handshake,
            ClientNext = _isn + 1 + (uint)_sent + (_finSent ? 1u : 0),
            ClientAck = RecorderScene.ServerIsn + 1 + (uint)_clientAck,
            ServerAck = _isn + 1 + (uint)_heard.Received,
        };
        return key == _key;
    }

    private string Describe() =>
        $"{_recordings.Policy}, {_length} bytes, {_tap}, crash {_crashMs}, {_nodes.Count} replicas, "
        + string.Join("; ", _nodes.Select(n => $"node {n.Index} at {n.Stack?.Next} (read {n.Stack?.Read.Count}), {_flow.Shares[n.Index].Confirmed} confirmed"))
        + $", window {_flow.Window.Start}–{_flow.Window.End}";

    private readonly record struct Segment(long Offset, int Length, bool Fin, long Ack, int AtMs);
}
