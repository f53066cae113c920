using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Appliance.Bpf;

/// <summary>Called for each record of a ring, on the thread that polls. The span is valid only during the call.</summary>
public delegate void RingRecordHandler(ReadOnlySpan<byte> record);

/// <summary>Reads a BPF_MAP_TYPE_RINGBUF. One reader per ring; not thread-safe.</summary>
public sealed unsafe class RingReader : SafeHandle
{
    private readonly RingRecordHandler _handler;
    private GCHandle _self;

    /// <summary>Maps the ring <paramref name="name"/> of a loaded object.</summary>
    public RingReader(BpfObject obj, string name, RingRecordHandler handler)
        : base(nint.Zero, ownsHandle: true)
    {
        _handler = handler;
        _self = GCHandle.Alloc(this, GCHandleType.Weak);
        var ring = LibBpf.RingBufferNew(obj.MapFd(name), &OnRecord, GCHandle.ToIntPtr(_self), nint.Zero);
        if (ring == nint.Zero)
        {
            _self.Free();
            throw new BpfException($"open ring {name}", Marshal.GetLastPInvokeError(), BpfMessages.Take());
        }
        SetHandle(ring);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == nint.Zero;

    /// <summary>Hands all waiting records to the handler, waiting up to <paramref name="timeout"/> for the first.</summary>
    /// <returns>How many records there were.</returns>
    public int Poll(TimeSpan timeout)
    {
        const int Interrupted = -4;
        var result = LibBpf.RingBufferPoll(handle, (int)timeout.TotalMilliseconds);
        return result is < 0 and not Interrupted
            ? throw new BpfException("read a BPF ring", -result, BpfMessages.Take())
            : Math.Max(result, 0);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibBpf.RingBufferFree(handle);
        _self.Free();
        return true;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRecord(nint context, nint data, nuint size)
    {
        if (GCHandle.FromIntPtr(context).Target is RingReader reader)
        {
            reader._handler(new ReadOnlySpan<byte>((void*)data, (int)size));
        }
        return 0;
    }
}
