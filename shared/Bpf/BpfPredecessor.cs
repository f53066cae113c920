using System.Runtime.InteropServices;
using System.Text;

namespace Appliance.Bpf;

/// <summary>
/// The maps of the programs that an earlier process left on a device: programs outlive the process that loaded them, and so
/// does what they know. A successor takes the maps over and puts its own programs in the place of the old ones, so that no
/// packet passes in between without them.
/// </summary>
public sealed unsafe class BpfPredecessor : IDisposable
{
    private const int MostMaps = 64;

    /// <summary>BPF_OBJ_NAME_LEN without its zero.</summary>
    private const int NameBytes = LibBpf.MapInfoNative.NameLength - 1;

    private readonly Dictionary<string, int> _maps = new(StringComparer.Ordinal);

    private BpfPredecessor()
    {
    }

    /// <summary>Finds the maps of the programs at both of our places on a device; null unless both are there.</summary>
    public static BpfPredecessor? Find(int ifindex)
    {
        if (TcHook.FindLeftover(ifindex, TcDirection.Ingress) is not { } ingress || TcHook.FindLeftover(ifindex, TcDirection.Egress) is not { } egress)
        {
            return null;
        }
        var found = new BpfPredecessor();
        return found.Collect(ingress) && found.Collect(egress) ? found : found.Forget();
    }

    /// <summary>
    /// Gives a map of <paramref name="obj"/>, which is not loaded yet, to the new programs; false when there is none of the
    /// name, or it has another shape.
    /// </summary>
    public bool TryHandOver(BpfObject obj, string name) =>
        _maps.TryGetValue(name.Length > NameBytes ? name[..NameBytes] : name, out var fd) && obj.TryReuse(name, fd);

    /// <summary>Reads the one value of an array map; false when there is none of the name and size.</summary>
    public bool TryRead<T>(string name, out T value)
        where T : unmanaged
    {
        value = default;
        var index = 0u;
        fixed (T* p = &value)
        {
            return _maps.TryGetValue(name, out var fd) && TryInfo(fd, out var info) && info.ValueSize == sizeof(T)
                && LibBpf.MapLookup(fd, &index, p) == 0;
        }
    }

    /// <summary>Closes what nobody took.</summary>
    public void Dispose()
    {
        foreach (var fd in _maps.Values)
        {
            _ = LibBpf.Close(fd);
        }
        _maps.Clear();
    }

    private BpfPredecessor? Forget()
    {
        Dispose();
        return null;
    }

    private bool Collect(uint program)
    {
        var fd = LibBpf.ProgramFdById(program);
        if (fd < 0)
        {
            return false;
        }
        var ids = stackalloc uint[MostMaps];
        var info = new LibBpf.ProgramInfoNative { MapCount = MostMaps, MapIds = (ulong)ids };
        var length = (uint)sizeof(LibBpf.ProgramInfoNative);
        var result = LibBpf.InfoByFd(fd, &info, &length);
        _ = LibBpf.Close(fd);
        for (var i = 0; result == 0 && i < Math.Min(info.MapCount, MostMaps); i++)
        {
            Add(ids[i]);
        }
        return result == 0;
    }

    private void Add(uint id)
    {
        var fd = LibBpf.MapFdById(id);
        if (fd < 0)
        {
            return;
        }
        if (!TryInfo(fd, out var info) || !_maps.TryAdd(NameOf(info), fd))
        {
            _ = LibBpf.Close(fd);
        }
    }

    internal static bool TryInfo(int fd, out LibBpf.MapInfoNative info)
    {
        fixed (LibBpf.MapInfoNative* p = &info)
        {
            var length = (uint)sizeof(LibBpf.MapInfoNative);
            return LibBpf.InfoByFd(fd, p, &length) == 0;
        }
    }

    private static string NameOf(LibBpf.MapInfoNative info) =>
        Encoding.ASCII.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(info.Name));
}
