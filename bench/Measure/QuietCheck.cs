using Appliance.Bench.Report;

namespace Appliance.Bench.Measure;

/// <summary>Looks at the machine before a bench: what else runs on it is in every number.</summary>
public static class QuietCheck
{
    private const double QuietShare = 0.1;
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(1);

    /// <summary>Watches for a second; returns a warning when the machine was busy by itself, and null when not.</summary>
    public static async Task<string?> RunAsync(CancellationToken cancellation)
    {
        var before = SystemCpu.Read();
        await Task.Delay(s_time, cancellation);
        return Judge(SystemCpu.Read().Since(before));
    }

    /// <summary>Judges what was used while nothing was being measured.</summary>
    public static string? Judge(SystemCpu used)
    {
        var share = used.BusyShare;
        return share > QuietShare
            ? $"The machine was {Format.Number(100 * share)} % busy before this bench began: its numbers hold other programs' work."
            : null;
    }
}
