using Appliance.Bench.Labs;
using Appliance.Lab.Traffic.Measure;

namespace Appliance.Bench.Measure;

/// <summary>How fast a stream of the traffic client is, and what it costs.</summary>
/// <param name="GbitPerSecond">Of payload.</param>
/// <param name="CpuPerGigabyte">CPU seconds of the whole machine per 10⁹ bytes; not a number when none came.</param>
/// <param name="BpfPerGigabyte">The same of the lab's BPF programs alone; not a number when it was not counted.</param>
public readonly record struct StreamSpeed(double GbitPerSecond, double CpuPerGigabyte, double BpfPerGigabyte)
{
    /// <summary>Longer than any bench takes.</summary>
    public const long StreamBytes = 1_000_000_000_000;

    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(300);

    /// <summary>Measures for <paramref name="time"/>, after a second of warming up, and ends the client.</summary>
    /// <param name="client">Has one stream of <see cref="StreamBytes"/>.</param>
    /// <param name="fraction">How much of it has come.</param>
    /// <param name="time">For how long.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="bpf">Counts what BPF programs use, or null.</param>
    public static async Task<StreamSpeed> MeasureAsync(
        TrafficClientProcess client, Func<TrafficProgress, double> fraction, TimeSpan time, CancellationToken cancellation, BpfClock? bpf = null)
    {
        await Task.Delay(s_warmUp, cancellation);
        var (from, before, bpfBefore) = (await client.NextProgressAsync(cancellation), SystemCpu.Read(), bpf?.Seconds);
        await Task.Delay(time, cancellation);
        var (to, after, bpfAfter) = (await client.NextProgressAsync(cancellation), SystemCpu.Read(), bpf?.Seconds);
        await client.AbortAsync();
        await Task.Delay(s_rest, cancellation);
        var bytes = StreamBytes * (fraction(to) - fraction(from));
        return new StreamSpeed(
            bytes * 8 / 1e9 / (to.Seconds - from.Seconds),
            bytes > 0 ? after.Since(before).BusySeconds / (bytes / 1e9) : double.NaN,
            bytes > 0 ? (bpfAfter - bpfBefore) / (bytes / 1e9) ?? double.NaN : double.NaN);
    }
}
