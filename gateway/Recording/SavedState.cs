using Appliance.Gateway.Recording.Store;

namespace Appliance.Gateway.Recording;

/// <summary>What the store remembers of the connections of an earlier run.</summary>
/// <param name="Found">The connections.</param>
/// <param name="Flows">What was held of those that could be read.</param>
public sealed record SavedState(IReadOnlyList<FoundFlow> Found, IReadOnlyList<SavedFlow> Flows)
{
    private const int Attempts = 2;

    /// <summary>How long a store may be gone while it is read: a start that takes much longer is taken for a failed one.</summary>
    private static readonly TimeSpan s_longestOutage = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Reads it; a store that does not answer in time is gone on without.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="found">Called as soon as is known where it is, long before it is read: from then on the store can be written.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<SavedState> LoadAsync(IRecordingStore store, Action found, CancellationToken cancellation)
    {
        var all = await store.FindFlowsAsync(cancellation);
        found();
        var flows = new List<SavedFlow>();
        var since = Environment.TickCount64;
        var attempt = 1;
        for (var i = 0; i < all.Count;)
        {
            if (await store.LoadFlowAsync(all[i], cancellation) is { } flow)
            {
                flows.Add(flow);
                (i, attempt, since) = (i + 1, 1, Environment.TickCount64);
            }
            else if (store.State == StoreState.Ready)
            {
                (i, attempt) = attempt == Attempts ? (i + 1, 1) : (i, attempt + 1);
            }
            else if (Environment.TickCount64 - since > (long)s_longestOutage.TotalMilliseconds)
            {
                break;
            }
            else
            {
                await Task.Delay(s_pause, cancellation);
            }
        }
        return new SavedState(all, flows);
    }
}
