using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Gateway.Recording;
using Appliance.Recording;
using Appliance.RepairChannel;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>
/// Recordings and a repair desk without a kernel and without a network. Node 0 is active, the others replicate. Stream
/// offsets instead of sequence numbers, which wrap after 100 bytes; the clock moves when the test says so.
/// </summary>
internal sealed class RecorderScene
{
    public const uint ClientIsn = unchecked((uint)-101);
    public const uint ServerIsn = 5000;

    private readonly Dictionary<FlowKey, Flow> _table = [];

    public RecorderScene(
        RecordPolicy policy = RecordPolicy.Unconfirmed, long windowBytes = 1000, bool isBounded = false, int nodes = 2, int poolBytes = 1 << 20)
    {
        Pool = new ChunkPool(poolBytes);
        Recordings = new Recordings(Pool, policy, windowBytes, isBounded, nodes);
        Outlet = new TestOutlet(nodes);
        Desk = new RepairDesk(Recordings, Outlet, Find, () => Drain?.Invoke(), (in key, in making) => Making[key] = making);
        Epoch = 1;
        Assign(active: 0, replicas: [.. Enumerable.Range(1, nodes - 1)]);
    }

    public ChunkPool Pool { get; }

    public Recordings Recordings { get; }

    public TestOutlet Outlet { get; }

    public RepairDesk Desk { get; }

    /// <summary>Records what is still in the ring.</summary>
    public Action? Drain { get; set; }

    /// <summary>What the programs were told of replicas that are being made.</summary>
    public Dictionary<FlowKey, Making> Making { get; } = [];

    public ulong Epoch { get; private set; }

    public ulong Now { get; private set; } = Ms(1_000_000);

    public static ulong Ms(double milliseconds) => (ulong)(milliseconds * 1e6);

    /// <summary>The byte at an offset, which differs from its neighbours'.</summary>
    public static byte ByteAt(long offset) => (byte)((offset * 31) ^ (offset >> 8) ^ (offset >> 16));

    public static byte[] Bytes(long offset, int length) => [.. Enumerable.Range(0, length).Select(i => ByteAt(offset + i))];

    public static uint Sequence(long offset) => unchecked(ClientIsn + 1 + (uint)offset);

    public void Pass(double milliseconds) => Now += Ms(milliseconds);

    public void Assign(int active, params ReadOnlySpan<int> replicas)
    {
        byte mask = 0;
        foreach (var node in replicas)
        {
            mask |= (byte)(1 << node);
        }
        Recordings.Assign(new Assignment(Epoch++, active, mask));
    }

    /// <summary>A connection that the programs know, and the recorder from its first record on.</summary>
    public RecordedFlow Open(Ends? ends = null, int origin = 0, uint isn = ClientIsn)
    {
        var key = (ends ?? Ends.V4).Key;
        var handshake = Handshake(isn);
        _table[key] = new Flow
        {
            Handshake = handshake,
            OpenedNs = Now,
            LastNs = Now,
            ClientNext = isn + 1,
            ServerAck = isn + 1,
            ClientAck = ServerIsn + 1,
            ServerNext = ServerIsn + 1,
        };
        Recordings.Open(key, handshake, origin, Now, out var flow);
        Desk.Opened(flow);
        return flow;
    }

    /// <summary>A connection that the programs know from the time of an earlier process.</summary>
    public RecordedFlow Adopt(long sent, long bytes)
    {
        var key = Ends.V4.Key;
        _table[key] = new Flow
        {
            Handshake = Handshake(),
            OpenedNs = Now - Ms(100_000),
            ClientNext = Sequence(sent),
            ServerAck = Sequence(sent),
            ClientBytes = (ulong)bytes,
        };
        return Recordings.Adopt(key, _table[key]);
    }

    /// <summary>Does what the recorder does with a record that is due. True: it was copied into the window.</summary>
    public bool Record(RecordedFlow flow, long offset, int length, bool fin = false, uint ack = ServerIsn + 1)
    {
        var sequence = flow.ClientIsn + 1 + (uint)offset;
        Change(flow, f => f with { ClientNext = Later(f.ClientNext, sequence + (uint)length + (fin ? 1u : 0)) });
        if (Recordings.IsConfirmed(flow, sequence, length, fin))
        {
            Recordings.Skip(flow, sequence, length, fin);
            return false;
        }
        return Recordings.Append(flow, sequence, ack, fin, Bytes(offset, length), Now).Refused == 0;
    }

    /// <summary>What the programs know of the connection changes.</summary>
    public void Change(RecordedFlow flow, Func<Flow, Flow> change)
    {
        if (_table.TryGetValue(flow.Key, out var known) && known.Handshake.ClientIsn == flow.ClientIsn)
        {
            _table[flow.Key] = change(known);
        }
    }

    /// <summary>The programs forget the connection, as when it is over.</summary>
    public void Vanish(RecordedFlow flow) => _table.Remove(flow.Key);

    /// <summary>The connection has ended.</summary>
    public void Close(RecordedFlow flow)
    {
        Flow? last = _table.Remove(flow.Key, out var current) ? current : null;
        Desk.Closed(flow, last, Now);
    }

    public void Confirm(RecordedFlow flow, int node, long received, bool diverged = false) =>
        Recordings.Confirm(flow, node, Sequence(flow, received), diverged, Now);

    public void Report(RecordedFlow flow, int node, long received, ProgressFlags flags = ProgressFlags.Confirmed) =>
        Desk.OnProgress(node, new ProgressEntry(flow.Key, flow.ClientIsn, Sequence(flow, received), 0, 0, flags), Now);

    public void Need(RecordedFlow flow, int node, long from, uint bytes) =>
        Desk.OnNeed(node, new NeedEntry(flow.Key, flow.ClientIsn, Sequence(flow, from), bytes), Now);

    public void Lose(RecordedFlow flow, int node) => Desk.OnLost(node, new LostEntry(flow.Key, flow.ClientIsn));

    /// <summary>The node has connected and reported all that it had a moment ago.</summary>
    public void Settle(int node)
    {
        Outlet.Settled[node] = true;
        Outlet.Scanned[node] = Now;
    }

    /// <summary>Lets time pass in steps of a millisecond, with a look of the nodes and of the desk in each.</summary>
    public void Run(int milliseconds)
    {
        for (var i = 0; i < milliseconds; i++)
        {
            Pass(1);
            for (var node = 0; node < Recordings.Nodes; node++)
            {
                Outlet.Scanned[node] = Now;
            }
            Desk.Tick(Now);
            if (i % 50 == 0)
            {
                Desk.Review(Now);
            }
        }
    }

    /// <summary>With the usual patience of 250 ms, and all nodes alive unless it is said otherwise.</summary>
    public FlowState StateOf(RecordedFlow flow, uint live = uint.MaxValue) => Recordings.StateOf(flow, Now, Ms(250), live);

    public static Handshake Handshake(uint isn = ClientIsn) => new()
    {
        ClientIsn = isn,
        ServerIsn = ServerIsn,
        SynackNs = Ms(999_900),
        SynackTsval = 77,
        ClientMss = 1460,
        ClientWscale = 7,
        ServerWscale = 9,
        Flags = HandshakeFlags.Syn | HandshakeFlags.SynAck | HandshakeFlags.ClientWscale | HandshakeFlags.ServerWscale,
    };

    private static uint Sequence(RecordedFlow flow, long offset) => flow.ClientIsn + 1 + (uint)offset;

    private static uint Later(uint a, uint b) => (int)(b - a) > 0 ? b : a;

    /// <summary>What the programs know of a connection.</summary>
    public bool Find(in FlowKey key, out Flow flow) => _table.TryGetValue(key, out flow);
}
