using System.Globalization;

namespace Appliance.Bench.Report;

/// <summary>What kind of machine this is, as far as it matters to the numbers.</summary>
public static class MachineClass
{
    /// <summary>For example <c>2 CPUs, Linux 6.18</c>.</summary>
    public static string Read() => Describe(Environment.ProcessorCount, File.ReadAllText("/proc/sys/kernel/osrelease"));

    /// <summary>Puts it in words.</summary>
    /// <param name="processors">Number of CPUs.</param>
    /// <param name="release">The kernel's release, of which the first two numbers are kept.</param>
    public static string Describe(int processors, string release)
    {
        var version = string.Join('.', release.Trim().Split('.', '-').Take(2));
        return string.Create(CultureInfo.InvariantCulture, $"{processors} CPUs, Linux {version}");
    }
}
