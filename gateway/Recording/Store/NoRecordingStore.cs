using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording.Store;

/// <summary>No store: <c>recorder.redis: none</c>. Takes nothing, holds nothing.</summary>
public sealed class NoRecordingStore : IRecordingStore
{
    /// <inheritdoc/>
    public event EventHandler? Recovered
    {
        add { }
        remove { }
    }

    /// <inheritdoc/>
    public StoreStatus Status { get; } = new() { State = StoreState.Off, Endpoint = "none" };

    /// <inheritdoc/>
    public StoreState State => StoreState.Off;

    /// <inheritdoc/>
    public long Acknowledged => 0;

    /// <inheritdoc/>
    public int Generation => 0;

    /// <inheritdoc/>
    public int Emptied => 0;

    /// <inheritdoc/>
    public long Open(in FlowKey key, in Handshake handshake) => -1;

    /// <inheritdoc/>
    public long Append(in FlowKey key, uint clientIsn, long offset, uint ack, bool fin, ReadOnlySpan<byte> bytes) => -1;

    /// <inheritdoc/>
    public long Release(in FlowKey key, uint clientIsn, long upTo) => -1;

    /// <inheritdoc/>
    public long Close(in FlowKey key, uint clientIsn) => -1;

    /// <inheritdoc/>
    public long SaveControl(in SavedControl control) => -1;

    /// <inheritdoc/>
    public Task<SavedControl?> LoadControlAsync(CancellationToken cancellation) => Task.FromResult<SavedControl?>(null);

    /// <inheritdoc/>
    public Task<IReadOnlyList<FoundFlow>> FindFlowsAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<FoundFlow>>([]);

    /// <inheritdoc/>
    public Task<SavedFlow?> LoadFlowAsync(FoundFlow found, CancellationToken cancellation) => Task.FromResult<SavedFlow?>(null);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
