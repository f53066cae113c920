using System.Text.Json;

namespace Appliance.Lab.State;

/// <summary>Reads and changes a lab's state; commands that run at the same time take turns.</summary>
public sealed class StateStore(LabPaths paths)
{
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Where the state is kept.</summary>
    public LabPaths Paths { get; } = paths;

    /// <summary>Writes the first state of a new lab.</summary>
    /// <exception cref="LabException">There is a lab of that name.</exception>
    public void Create(LabState state)
    {
        Directory.CreateDirectory(Paths.Directory);
        try
        {
            using var file = new FileStream(Paths.StateFile, FileMode.CreateNew);
            JsonSerializer.Serialize(file, state, LabJson.Indented);
        }
        catch (IOException exception) when (File.Exists(Paths.StateFile))
        {
            throw AlreadyUp(Paths.Name, exception);
        }
    }

    /// <summary>The error for a name that is taken.</summary>
    public static LabException AlreadyUp(string name, Exception? inner = null) =>
        new(LabFailure.AlreadyUp, $"Lab '{name}' exists already. Take it down first: appliance lab down --name {name}", inner);

    /// <summary>The state, or null when there is none.</summary>
    /// <exception cref="LabException">The file cannot be understood.</exception>
    public LabState? TryLoad()
    {
        try
        {
            using var file = File.OpenRead(Paths.StateFile);
            var state = JsonSerializer.Deserialize<LabState>(file, LabJson.Indented);
            return state is { Version: LabState.CurrentVersion } ? state : throw Damaged("it was written by another version");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException exception)
        {
            throw Damaged(exception.Message);
        }
    }

    /// <summary>The state of a lab that has to exist.</summary>
    /// <exception cref="LabException">There is none, or it cannot be understood.</exception>
    public LabState Load() => TryLoad()
        ?? throw new LabException(LabFailure.NoSuchLab, $"There is no lab '{Paths.Name}'. Make one: appliance lab up --name {Paths.Name}");

    /// <summary>Changes the state while no one else can, and returns the new one.</summary>
    public async Task<LabState> UpdateAsync(Func<LabState, LabState> change, CancellationToken cancellation = default)
    {
        await using var hold = await LockAsync(cancellation);
        var state = change(Load());
        var draft = Paths.StateFile + ".new";
        await File.WriteAllBytesAsync(draft, JsonSerializer.SerializeToUtf8Bytes(state, LabJson.Indented), cancellation);
        File.Move(draft, Paths.StateFile, overwrite: true);
        return state;
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(Paths.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (DirectoryNotFoundException)
            {
                Load();
                throw;
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(started) < LockTimeout)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), cancellation);
            }
        }
    }

    private LabException Damaged(string reason) => new(
        LabFailure.DamagedState,
        $"{Paths.StateFile} cannot be read ({reason}). Start over: appliance lab down --name {Paths.Name}");
}
