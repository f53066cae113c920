using System.Runtime.InteropServices;
using Appliance.Native;

namespace Appliance.Bpf;

/// <summary>
/// The one value of a memory-mapped array map (BPF_F_MMAPABLE): user space and the programs see each other's stores
/// without a system call. Aligned 32- and 64-bit fields are read and written whole.
/// </summary>
public sealed unsafe class SharedValue<T> : SafeHandle
    where T : unmanaged
{
    private const int ReadWrite = 3;
    private const int MapShared = 1;
    private static readonly nuint Length = (nuint)Environment.SystemPageSize;

    /// <summary>Maps the value of map <paramref name="name"/>.</summary>
    public SharedValue(BpfObject obj, string name)
        : base(nint.Zero, ownsHandle: true)
    {
        var map = obj.Map<uint, T>(name);
        var address = Libc.Mmap(nint.Zero, Length, ReadWrite, MapShared, map.Fd, 0);
        if (address == -1)
        {
            throw new BpfException($"map {name} into memory", Marshal.GetLastPInvokeError());
        }
        SetHandle(address);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == nint.Zero;

    /// <summary>The value itself. Use <see cref="Volatile"/> for fields that the programs read while traffic flows.</summary>
    public ref T Value
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return ref *(T*)handle;
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Munmap(handle, Length) == 0;
}
