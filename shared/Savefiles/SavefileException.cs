namespace Appliance.Savefiles;

/// <summary>A savefile cannot be read, or not to its end.</summary>
/// <param name="file">Its name.</param>
/// <param name="reason">What is wrong, and what to do about it.</param>
/// <param name="packets">Packets that were read before, and are good.</param>
/// <param name="bytes">Bytes that were read.</param>
/// <param name="inner">What the file system said.</param>
public sealed class SavefileException(string file, string reason, long packets, long bytes, Exception? inner = null)
    : Exception($"{file}: {reason}", inner)
{
    /// <summary>The file's name.</summary>
    public string File { get; } = file;

    /// <summary>Packets that were read before, and are good.</summary>
    public long Packets { get; } = packets;

    /// <summary>Bytes that were read.</summary>
    public long Bytes { get; } = bytes;
}
