using Appliance.Bench;

namespace Appliance.Tests.Lab.Packaging;

/// <summary>What systemd is told about a service: its unit, and what holds for all of the appliance's.</summary>
internal static class UnitFile
{
    private const string Directory = "packaging/systemd";

    /// <summary>The values of a setting, which add up.</summary>
    public static IReadOnlyList<string> Values(string unit, string setting) =>
    [
        .. new[] { "appliance-.service.d/hardening.conf", $"{unit}.service" }
            .SelectMany(file => File.ReadLines(Path.Combine(BenchPaths.Root, Directory, file)))
            .Where(line => line.StartsWith($"{setting}=", StringComparison.Ordinal))
            .SelectMany(line => line[(setting.Length + 1)..].Split(' ')),
    ];
}
