using System.Globalization;

namespace Appliance.Bench.Footprint;

/// <summary>A map of the kernel, as <c>/proc/PID/fdinfo</c> shows a descriptor of it.</summary>
/// <param name="Id">The kernel's number of it.</param>
/// <param name="Type">Its type, as in <c>enum bpf_map_type</c>.</param>
/// <param name="KeyBytes">Size of a key.</param>
/// <param name="ValueBytes">Size of a value.</param>
/// <param name="Entries">How many entries it can hold; bytes for a ring buffer.</param>
/// <param name="Bytes">Memory that it takes now.</param>
public sealed record BpfMapInfo(int Id, int Type, int KeyBytes, int ValueBytes, long Entries, long Bytes)
{
    /// <summary>Its type in words.</summary>
    public string TypeName => Type switch
    {
        1 => "hash",
        2 => "array",
        6 => "per-CPU array",
        9 => "LRU hash",
        27 => "ring buffer",
        _ => $"type {Type}",
    };

    /// <summary>Reads the text of a file of <c>fdinfo</c>; false when its descriptor is no map.</summary>
    public static bool TryParse(string text, out BpfMapInfo map)
    {
        map = null!;
        var fields = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && long.TryParse(line.AsSpan(colon + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                fields[line[..colon]] = value;
            }
        }

        if (!fields.TryGetValue("map_id", out var id) || !fields.TryGetValue("memlock", out var bytes))
        {
            return false;
        }

        map = new BpfMapInfo(
            (int)id,
            (int)fields.GetValueOrDefault("map_type"),
            (int)fields.GetValueOrDefault("key_size"),
            (int)fields.GetValueOrDefault("value_size"),
            fields.GetValueOrDefault("max_entries"),
            bytes);
        return true;
    }
}
