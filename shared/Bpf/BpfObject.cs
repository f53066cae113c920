using System.Reflection;
using System.Runtime.InteropServices;

namespace Appliance.Bpf;

/// <summary>
/// A role's programs and maps, from the object file embedded in this assembly. Programs and maps live as long as this
/// handle or an attachment refers to them.
/// </summary>
public sealed unsafe class BpfObject : SafeHandle
{
    private bool _loaded;

    private BpfObject(nint handle)
        : base(nint.Zero, ownsHandle: true) => SetHandle(handle);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == nint.Zero;

    /// <summary>Opens an embedded object (<c>gateway.bpf.o</c> or <c>node.bpf.o</c>) without loading it yet.</summary>
    public static BpfObject Open(string name)
    {
        BpfMessages.EnsureCaptured();
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new ArgumentException($"no embedded BPF object '{name}'", nameof(name));
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        fixed (byte* p = bytes)
        {
            var obj = LibBpf.ObjectOpenMem(p, (nuint)bytes.Length, nint.Zero);
            return obj != nint.Zero
                ? new BpfObject(obj)
                : throw new BpfException($"open BPF object {name}", Marshal.GetLastPInvokeError(), BpfMessages.Take());
        }
    }

    /// <summary>Sets a map's capacity; only before <see cref="Load"/>.</summary>
    public void SetMaxEntries(string map, int entries)
    {
        Check(LibBpf.MapSetMaxEntries(FindMap(map), (uint)entries), $"size map {map}");
    }

    /// <summary>Uses an existing map in the place of a new one; only before <see cref="Load"/>. False when its shape differs.</summary>
    internal bool TryReuse(string name, int fd)
    {
        var map = FindMap(name);
        return BpfPredecessor.TryInfo(fd, out var info)
            && info.Type == LibBpf.MapType(map)
            && info.KeySize == LibBpf.MapKeySize(map)
            && info.ValueSize == LibBpf.MapValueSize(map)
            && info.MaxEntries == LibBpf.MapMaxEntries(map)
            && info.Flags == LibBpf.MapFlags(map)
            && LibBpf.MapReuseFd(map, fd) == 0;
    }

    /// <summary>Creates the maps and has the kernel verify the programs.</summary>
    /// <exception cref="BpfException">The verifier's or libbpf's words are in the message.</exception>
    public void Load()
    {
        BpfMessages.Take();
        Check(LibBpf.ObjectLoad(handle), "load BPF programs");
        _loaded = true;
    }

    /// <summary>The map as a table of <typeparamref name="TKey"/> to <typeparamref name="TValue"/>.</summary>
    public BpfMap<TKey, TValue> Map<TKey, TValue>(string name)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        var map = FindMap(name);
        var (key, value) = (LibBpf.MapKeySize(map), LibBpf.MapValueSize(map));
        if (key != sizeof(TKey) || value != sizeof(TValue))
        {
            throw new InvalidOperationException(
                $"map {name} has keys of {key} and values of {value} bytes, the program's view {sizeof(TKey)} and {sizeof(TValue)}");
        }
        return new BpfMap<TKey, TValue>(this, MapFd(name), (int)LibBpf.MapMaxEntries(map));
    }

    /// <summary>File descriptor of a map; valid while this object lives.</summary>
    public int MapFd(string name)
    {
        RequireLoaded();
        return LibBpf.MapFd(FindMap(name));
    }

    /// <summary>Most entries of a map; bytes of a ring.</summary>
    public long MapCapacity(string name) => LibBpf.MapMaxEntries(FindMap(name));

    /// <summary>File descriptor of a program; valid while this object lives.</summary>
    public int ProgramFd(string name)
    {
        RequireLoaded();
        var program = LibBpf.ObjectFindProgram(handle, name);
        return program != nint.Zero
            ? LibBpf.ProgramFd(program)
            : throw new ArgumentException($"no program '{name}' in the object", nameof(name));
    }

    /// <summary>The object's own type information; valid while this object lives.</summary>
    public Btf Types() => new(LibBpf.ObjectBtf(handle), owns: false);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibBpf.ObjectClose(handle);
        return true;
    }

    private static void Check(int result, string operation)
    {
        if (result < 0)
        {
            throw new BpfException(operation, -result, BpfMessages.Take());
        }
    }

    private nint FindMap(string name)
    {
        var map = LibBpf.ObjectFindMap(handle, name);
        return map != nint.Zero ? map : throw new ArgumentException($"no map '{name}' in the object", nameof(name));
    }

    private void RequireLoaded()
    {
        if (!_loaded)
        {
            throw new InvalidOperationException("the object is not loaded");
        }
    }
}
