using Appliance.Lab;

namespace Appliance.Bench;

/// <summary>Held while benches run: two at a time would measure each other, and they use the same labs' names.</summary>
public sealed class BenchLock : IDisposable
{
    private const string Directory = "/run/appliance";

    private readonly FileStream _file;

    private BenchLock(FileStream file) => _file = file;

    /// <summary>Takes the lock; it goes with the process, also when that is killed.</summary>
    /// <exception cref="LabException">Another process has it.</exception>
    public static BenchLock Take()
    {
        System.IO.Directory.CreateDirectory(Directory);
        try
        {
            return new BenchLock(new FileStream(Path.Combine(Directory, "bench.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception)
        {
            throw new LabException(LabFailure.AlreadyUp, "Another bench is running: wait for its end.", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
