namespace Appliance.Lab.Savefiles;

/// <summary>How a recording is replayed.</summary>
public sealed record ReplayOptions
{
    /// <summary>The server.</summary>
    public required ReplayTarget Target { get; init; }

    /// <summary>Keep the pauses of the recording, or send as soon as the server has answered what came before?</summary>
    public bool AtRecordedSpeed { get; init; }

    /// <summary>How long a server may be silent while bytes of it are missing, or not read while it is sent to.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Keep what the server says, up to 64 MiB of each connection?</summary>
    public bool KeepsOutput { get; init; }

    /// <summary>After the last piece, how long a server is silent before its answer counts as complete.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMilliseconds(200);
}
