using Appliance.Savefiles;

namespace Appliance.Lab.Savefiles;

/// <summary>Copies a savefile packet by packet while it grows. What has come is in the file before it waits for more.</summary>
/// <param name="from">Where it comes from.</param>
/// <param name="name">The source's name, for errors.</param>
/// <param name="openFile">Makes the file, once the source is known to be a savefile.</param>
/// <param name="progress">Told how far it is.</param>
internal sealed class RecordCopy(InterruptibleStream from, string name, Func<Stream> openFile, RecordProgress progress)
{
    /// <summary>Copies to the end. When it comes early, what was whole is in the file.</summary>
    /// <exception cref="SavefileException">The source is cut off or damaged.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Run()
    {
        using var reader = new SavefileReader(from, name);
        using var file = openFile();
        using var writer = new SavefileWriter(file, reader.LinkType);
        from.Idle = Flush;
        try
        {
            while (reader.TryRead(out var packet))
            {
                writer.Write(packet.UnixNs, packet.Data, packet.OriginalLength);
                progress.Update(writer.Packets, writer.Bytes);
            }
        }
        finally
        {
            Flush();
            progress.End(writer.Packets, writer.Bytes);
        }

        void Flush()
        {
            writer.Flush();
            file.Flush();
            progress.Update(writer.Packets, writer.Bytes);
        }
    }
}
