using System.Net;
using System.Runtime.InteropServices;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Gateway.Recording;
using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.Recording;

/// <summary>A desk of three nodes with a clock of its own; node 0 holds the service and node 1 replicates, until told otherwise.</summary>
public abstract class DatagramDeskTest
{
    protected const ulong Ms = 1_000_000;

    protected static readonly FlowKey Flow = KeyOf(1000);

    private ulong _epoch = 1;
    private int _active;

    protected DatagramDeskTest()
    {
        Desk = NewDesk(1 << 20);
        Assign(0, 1);
    }

    protected DatagramDesk Desk { get; set; }

    private protected FakeRepairOutlet Outlet { get; } = new();

    /// <summary>The time, CLOCK_MONOTONIC nanoseconds.</summary>
    protected ulong Now { get; private set; } = 100_000 * Ms;

    protected static FlowKey KeyOf(int port) => new(new IPEndPoint(IPAddress.Parse("10.0.1.2"), port), new IPEndPoint(IPAddress.Parse("10.0.2.100"), 53));

    protected static byte[] PayloadOf(uint number) => BitConverter.GetBytes(number);

    protected DatagramDesk NewDesk(long memory) => new(memory, 3, Outlet);

    protected void Assign(int active, params int[] replicas)
    {
        _active = active;
        Desk.Assign(new Assignment(_epoch++, active, (byte)replicas.Sum(r => 1 << r)));
    }

    /// <summary>Records numbers now, under the assignment in force.</summary>
    protected void Record(params uint[] numbers) => RecordOf(Flow, numbers);

    protected void RecordOf(FlowKey flow, params uint[] numbers)
    {
        foreach (var number in numbers)
        {
            var payload = PayloadOf(number);
            Desk.Record(RecordOf(flow, number, payload.Length), payload);
        }
    }

    /// <summary>A node tells that these have arrived and no others.</summary>
    protected void Tell(int node, params uint[] numbers) => TellOf(Flow, node, numbers);

    protected void TellOf(FlowKey flow, int node, params uint[] numbers)
    {
        var highest = numbers.Max();
        var bitmap = default(DatagramBitmap);
        foreach (var number in numbers)
        {
            bitmap.Set((int)(highest - number));
        }
        Desk.OnProgress(node, new DatagramProgressEntry(flow, (ushort)highest, bitmap), Now);
    }

    /// <summary>Lets time pass, with a look every 5 ms.</summary>
    protected void Wait(int milliseconds)
    {
        for (var end = Now + ((ulong)milliseconds * Ms); Now < end;)
        {
            Now += Math.Min(5 * Ms, end - Now);
            Desk.Tick(Now);
        }
    }

    private Record RecordOf(FlowKey flow, uint number, int length)
    {
        var bytes = new byte[Bpf.Layout.Record.PayloadOffset];
        MemoryMarshal.Write(bytes, RecordKind.Datagram);
        MemoryMarshal.Write(bytes.AsSpan(4), length);
        MemoryMarshal.Write(bytes.AsSpan(8), Now);
        MemoryMarshal.Write(bytes.AsSpan(16), flow);
        MemoryMarshal.Write(bytes.AsSpan(56), number);
        MemoryMarshal.Write(bytes.AsSpan(68), _active);
        return MemoryMarshal.Read<Record>(bytes);
    }
}
