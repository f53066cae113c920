using System.Globalization;
using Appliance.Lab;

namespace Appliance.Bench.Footprint;

/// <summary>The memory of one of the appliance's programs.</summary>
/// <param name="ResidentBytes">Of the process itself.</param>
/// <param name="Maps">Of the kernel, for its maps.</param>
public sealed record ProgramMemory(long ResidentBytes, IReadOnlyList<BpfMapInfo> Maps)
{
    /// <summary>All its maps together, in bytes.</summary>
    public long MapBytes => Maps.Sum(map => map.Bytes);

    /// <summary>Reads it now.</summary>
    /// <exception cref="LabException">The process is gone.</exception>
    public static ProgramMemory Read(int pid)
    {
        try
        {
            var maps = new Dictionary<int, BpfMapInfo>();
            foreach (var file in Directory.EnumerateFiles($"/proc/{pid}/fdinfo"))
            {
                if (TryRead(file) is { } text && BpfMapInfo.TryParse(text, out var map))
                {
                    maps[map.Id] = map;
                }
            }

            return new ProgramMemory(Resident(File.ReadAllText($"/proc/{pid}/status")), [.. maps.Values.OrderBy(map => map.Id)]);
        }
        catch (IOException exception)
        {
            throw new LabException(LabFailure.DaemonFailed, $"Process {pid} has ended: {exception.Message}", exception);
        }
    }

    /// <summary>The resident memory in the text of <c>/proc/PID/status</c>, in bytes; 0 when it is not there.</summary>
    public static long Resident(string status)
    {
        const string Field = "VmRSS:";
        var line = status.Split('\n').FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
        var number = line?[Field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes) ? kilobytes * 1024 : 0;
    }

    private static string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
