namespace Appliance.Lab.Savefiles;

/// <summary>A line on standard error that tells how far the recording is; on a terminal it keeps up.</summary>
internal sealed class RecordProgress(string file)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    private readonly long _started = TimeProvider.System.GetTimestamp();
    private TimeSpan _shown;

    private TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_started);

    /// <summary>Shows an intermediate state, now and then.</summary>
    public void Update(long packets, long bytes)
    {
        if (!Console.IsErrorRedirected && Elapsed - _shown >= s_interval)
        {
            _shown = Elapsed;
            Console.Error.Write($"\r{Line(packets, bytes)}");
        }
    }

    /// <summary>Shows the last state.</summary>
    public void End(long packets, long bytes) =>
        Console.Error.WriteLine($"{(Console.IsErrorRedirected ? "" : "\r")}{Line(packets, bytes)}"
            + (packets == 0 ? ": nothing was recorded; recorder.policy: full keeps all that clients send" : ""));

    private string Line(long packets, long bytes) => $"{(file == "-" ? "standard output" : file)}: {packets:N0} packets, {bytes:N0} bytes, {Elapsed.TotalSeconds:0.0} s";
}
