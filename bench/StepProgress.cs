namespace Appliance.Bench;

/// <summary>Shows steps as lines on standard error, with the time since the start.</summary>
public sealed class StepProgress : IProgress<string>
{
    private readonly long _started = TimeProvider.System.GetTimestamp();

    /// <inheritdoc/>
    public void Report(string value) =>
        Console.Error.WriteLine($"[{TimeProvider.System.GetElapsedTime(_started):h\\:mm\\:ss}] {value}");
}
