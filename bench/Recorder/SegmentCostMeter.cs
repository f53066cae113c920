using System.Net;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Gateway.Recording;
using Appliance.Recording;

namespace Appliance.Bench.Recorder;

/// <summary>Feeds the recorder's windows from this process: nothing may be allocated per segment.</summary>
public sealed class SegmentCostMeter
{
    private const int Flows = 200;
    private const int WindowBytes = 1 << 20;
    private const int Replica = 1;
    private static readonly Assignment s_assignment = new(1, 0, 1 << Replica);

    private readonly RecordPolicy _policy;
    private readonly Recordings _recordings;
    private readonly FlowKey[] _keys = new FlowKey[Flows];
    private readonly byte[] _payload;
    private readonly byte[] _answer = new byte[32 << 10];
    private ulong _nowNs = 1;

    private SegmentCostMeter(RecordPolicy policy, int payload)
    {
        _policy = policy;
        _payload = new byte[payload];
        _recordings = new Recordings(new ChunkPool(512 << 20), policy, WindowBytes, isBounded: false, nodes: 2);
        _recordings.Assign(s_assignment);
        for (var i = 0; i < Flows; i++)
        {
            _keys[i] = new FlowKey(new IPEndPoint(new IPAddress([10, 0, 1, 2]), 10_000 + i), new IPEndPoint(new IPAddress([10, 0, 2, 100]), 7001));
            _recordings.Open(_keys[i], new Handshake { ClientIsn = (uint)i << 24 }, s_assignment.Active, _nowNs, out var flow);
            _recordings.Confirm(flow, Replica, flow.Window.SequenceOf(0), diverged: false, _nowNs);
        }
    }

    /// <summary>Measures every case.</summary>
    public static IReadOnlyList<SegmentCost> Measure(int segments) =>
    [
        new SegmentCostMeter(RecordPolicy.Unconfirmed, 1448).Run("confirmed before its turn", segments, (meter, flow) => meter.PassOver(flow)),
        new SegmentCostMeter(RecordPolicy.Unconfirmed, 1448).Run("kept, then confirmed", segments, (meter, flow) => meter.Keep(flow)),
        new SegmentCostMeter(RecordPolicy.Unconfirmed, 32_000).Run("kept, then confirmed", segments / 10, (meter, flow) => meter.Keep(flow)),
        new SegmentCostMeter(RecordPolicy.Unconfirmed, 1448).Run("kept, asked for, then confirmed", segments, (meter, flow) => meter.Repair(flow)),
        new SegmentCostMeter(RecordPolicy.Window, 1448).Run("kept in a full window", segments, (meter, flow) => meter.Keep(flow)),
    ];

    private SegmentCost Run(string name, int segments, Action<SegmentCostMeter, RecordedFlow> step)
    {
        // Every window of the policy is full then and has met every place in a chunk, and everything is compiled.
        Feed((Flows * (WindowBytes / _payload.Length)) + (600 * Flows), step);
        var started = TimeProvider.System.GetTimestamp();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Feed(segments, step);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var time = TimeProvider.System.GetElapsedTime(started);
        return new SegmentCost($"{name} ({_policy.ToString().ToLowerInvariant()})", _payload.Length, segments, allocated, time.TotalNanoseconds / segments);
    }

    private void Feed(int segments, Action<SegmentCostMeter, RecordedFlow> step)
    {
        for (var i = 0; i < segments; i++)
        {
            _nowNs += 1000;
            step(this, _recordings.Find(_keys[i % Flows], (uint)(i % Flows) << 24)!);
        }
    }

    private void PassOver(RecordedFlow flow)
    {
        var sequence = flow.Window.SequenceOf(flow.Window.End);
        _recordings.Confirm(flow, Replica, sequence + (uint)_payload.Length, diverged: false, _nowNs);
        if (_recordings.IsConfirmed(flow, sequence, _payload.Length, fin: false))
        {
            _recordings.Skip(flow, sequence, _payload.Length, fin: false);
        }
    }

    private void Keep(RecordedFlow flow)
    {
        Append(flow);
        _recordings.Confirm(flow, Replica, flow.Window.SequenceOf(flow.Window.End), diverged: false, _nowNs);
    }

    private void Repair(RecordedFlow flow)
    {
        Append(flow);
        flow.Window.TryRead(flow.Window.Start, _answer, out _);
        _recordings.Confirm(flow, Replica, flow.Window.SequenceOf(flow.Window.End), diverged: false, _nowNs);
    }

    private void Append(RecordedFlow flow) =>
        _recordings.Append(flow, flow.Window.SequenceOf(flow.Window.End), ack: 1, fin: false, _payload, _nowNs);
}
