namespace Appliance.Bpf;

/// <summary>
/// A role's counters, under the names that its C enumeration gives them: they are read from the object's BTF, so the
/// names in code, dashboard and metrics cannot differ.
/// </summary>
public sealed class CounterMap
{
    private readonly PerCpuArray _array;

    /// <summary>Binds the per-CPU array <paramref name="map"/> to the enumeration <paramref name="enumeration"/>.</summary>
    public CounterMap(BpfObject obj, string map, string enumeration, string prefix)
    {
        _array = new PerCpuArray(obj, map);
        Names = NamesIn(obj, enumeration, prefix);
    }

    /// <summary>The names that an object gives its counters, loaded or not.</summary>
    public static IReadOnlyList<string> NamesIn(BpfObject obj, string enumeration, string prefix) =>
        [.. obj.Types().EnumMembers(enumeration).Select(m => m.Name[prefix.Length..].ToLowerInvariant()).Where(n => n != "counters")];

    /// <summary>Names in the order of <see cref="Read"/>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Sums over the CPUs, since the programs were loaded.</summary>
    public void Read(Span<ulong> totals)
    {
        for (var i = 0; i < Names.Count; i++)
        {
            totals[i] = _array.Sum(i);
        }
    }

    /// <summary>All counters by name.</summary>
    public IReadOnlyDictionary<string, ulong> Snapshot()
    {
        Span<ulong> totals = stackalloc ulong[Names.Count];
        Read(totals);
        var result = new Dictionary<string, ulong>(Names.Count, StringComparer.Ordinal);
        for (var i = 0; i < Names.Count; i++)
        {
            result[Names[i]] = totals[i];
        }
        return result;
    }
}
