namespace Appliance.Gateway.Recording.Store;

/// <summary>What the store says in the log, besides its state.</summary>
internal static partial class StoreLog
{
    /// <summary>A key that cannot be used.</summary>
    [LoggerMessage(1305, LogLevel.Warning, "A recording is skipped: {What}")]
    public static partial void Skipped(ILogger logger, string what);

    /// <summary>The embedded server's data cannot be used.</summary>
    [LoggerMessage(1306, LogLevel.Error, "The embedded store could not read its data, which was moved to {Directory}: {Reason}")]
    public static partial void Unreadable(ILogger logger, string directory, string reason);
}
