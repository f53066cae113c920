using Appliance.Gateway.Recording.Store;

namespace Appliance.Gateway.Recording;

/// <summary>What the store remembers of the connections of an earlier run.</summary>
/// <param name="Flows">The connections and what was held of them.</param>
public sealed record SavedState(IReadOnlyList<SavedFlow> Flows)
{
    /// <summary>Reads it; a store that does not answer in time is gone on without.</summary>
    public static async Task<SavedState> LoadAsync(IRecordingStore store, CancellationToken cancellation)
    {
        var flows = new List<SavedFlow>();
        await foreach (var flow in store.LoadFlowsAsync(cancellation))
        {
            flows.Add(flow);
        }
        return new SavedState(flows);
    }
}
