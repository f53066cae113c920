using System.Runtime.InteropServices;

namespace Appliance.Bpf;

/// <summary>BPF Type Format, as much as the appliance asks of it: enumerations, struct layouts, kernel functions.</summary>
public sealed unsafe class Btf : IDisposable
{
    private const uint KindStruct = 4;
    private const uint KindEnum = 6;
    private const uint KindFunc = 12;
    private const int KindShift = 24;
    private const int HeaderWords = 3;

    private readonly bool _owns;
    private nint _btf;

    internal Btf(nint btf, bool owns)
    {
        _btf = btf;
        _owns = owns;
    }

    /// <summary>The running kernel's types, or null where it has none (CONFIG_DEBUG_INFO_BTF).</summary>
    public static Btf? OfKernel()
    {
        BpfMessages.EnsureCaptured();
        var btf = LibBpf.LoadVmlinuxBtf();
        return btf == nint.Zero ? null : new Btf(btf, owns: true);
    }

    /// <summary>Is there a function, such as a kfunc, of this name?</summary>
    public bool HasFunction(string name) => LibBpf.BtfFind(_btf, name, KindFunc) > 0;

    /// <summary>Members of an enumeration in the order of declaration.</summary>
    public IReadOnlyList<(string Name, int Value)> EnumMembers(string name)
    {
        var type = Find(name, KindEnum);
        var count = (int)(type[1] & 0xffff);
        var members = new (string, int)[count];
        for (var i = 0; i < count; i++)
        {
            var member = type + HeaderWords + (i * 2);
            members[i] = (Text(member[0]), (int)member[1]);
        }
        return members;
    }

    /// <summary>Size of a struct in bytes and the byte offsets of its members.</summary>
    public (int Size, IReadOnlyDictionary<string, int> Offsets) StructLayout(string name)
    {
        var type = Find(name, KindStruct);
        var count = (int)(type[1] & 0xffff);
        var offsets = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var member = type + HeaderWords + (i * 3);
            offsets[Text(member[0])] = (int)(member[2] & 0xffffff) / 8;
        }
        return ((int)type[2], offsets);
    }

    /// <summary>Frees what <see cref="OfKernel"/> loaded.</summary>
    public void Dispose()
    {
        if (_owns && _btf != nint.Zero)
        {
            LibBpf.BtfFree(_btf);
        }
        _btf = nint.Zero;
    }

    private uint* Find(string name, uint kind)
    {
        var id = LibBpf.BtfFind(_btf, name, kind);
        var type = id > 0 ? LibBpf.BtfType(_btf, (uint)id) : null;
        return type != null && ((type[1] >> KindShift) & 0x1f) == kind
            ? type
            : throw new ArgumentException($"no type '{name}' in the BTF", nameof(name));
    }

    private string Text(uint offset) => Marshal.PtrToStringUTF8(LibBpf.BtfName(_btf, offset)) ?? string.Empty;
}
