using Appliance.ControlPlane;
using Appliance.Gateway.Recording.Store;

namespace Appliance.Gateway.Control;

/// <summary>
/// Keeps epochs from being ordered twice, across restarts and reboots, without a failover having to wait for the store: it
/// reserves them ahead. The store holds a ceiling; what is ordered stays below it, and a restart begins above it.
/// </summary>
public sealed class EpochKeeper(IRecordingStore store)
{
    /// <summary>Epochs that are reserved at once.</summary>
    public const ulong Reserve = 1000;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private ulong _ceiling;

    /// <summary>Nodes that an operator keeps out, one bit each; saved with the next assignment that is noted.</summary>
    public byte Drained { get; set; }

    /// <summary>
    /// Reads what an earlier run reserved, and reserves further ones, before any of them is ordered. A store that does not answer in time is gone on
    /// without: the nodes know the epoch that they obey.
    /// </summary>
    /// <returns>The epoch to start above, and the index of the node that held the service last, or -1.</returns>
    public async Task<(ulong Floor, int LastActive)> StartAsync(CancellationToken cancellation)
    {
        var saved = await store.LoadControlAsync(cancellation);
        var floor = saved?.EpochCeiling ?? 0;
        var active = saved?.Active ?? -1;
        Drained = saved?.Drained ?? 0;
        var ticket = Save(new Assignment(floor, active, 0));
        for (var left = (int)LongestWait.TotalMilliseconds; store.Acknowledged < ticket && left > 0; left--)
        {
            await Task.Delay(1, cancellation);
        }
        return (floor, active);
    }

    /// <summary>Notes an assignment that is in force; reserves further epochs before they run out. Returns at once.</summary>
    public void Note(in Assignment assignment) => Save(assignment);

    private long Save(in Assignment assignment)
    {
        if (assignment.Epoch + (Reserve / 2) > _ceiling)
        {
            _ceiling = assignment.Epoch + Reserve;
        }
        return store.SaveControl(new SavedControl(_ceiling, assignment.Epoch, (sbyte)assignment.Active, assignment.Replicas, Drained));
    }
}
