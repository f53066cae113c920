using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording.Store;

namespace Appliance.Tests.Unit.Simulation;

/// <summary>A store that keeps the gateway's epochs: it writes a little later, and what a crash overtakes is lost.</summary>
internal sealed class SimulatedStore(SimulationRun simulation) : IRecordingStore
{
    private const ulong SlowestNs = 20_000_000;

    private SavedControl? _written;
    private SavedControl? _given;
    private bool _isWriting;
    private int _run;

    /// <inheritdoc/>
    public event EventHandler? Recovered
    {
        add { }
        remove { }
    }

    /// <inheritdoc/>
    public StoreStatus Status { get; } = new() { State = StoreState.Off, Endpoint = "simulated" };

    /// <inheritdoc/>
    public StoreState State => StoreState.Off;

    /// <summary>Whoever asks waits for what was given to be written.</summary>
    public long Acknowledged
    {
        get
        {
            if (simulation.Mutation != Mutation.OrdersBeforeItReserves)
            {
                OnWritten(_run);
            }
            return long.MaxValue;
        }
    }

    /// <inheritdoc/>
    public int Generation => 0;

    /// <inheritdoc/>
    public int Emptied => 0;

    /// <summary>The gateway's process has crashed: what it gave and was not written is lost.</summary>
    public void Crash()
    {
        _run++;
        _isWriting = false;
    }

    /// <summary>A write is complete.</summary>
    public void OnWritten(int run)
    {
        if (run == _run && _isWriting)
        {
            (_written, _isWriting) = (_given, false);
        }
    }

    /// <inheritdoc/>
    public long SaveControl(in SavedControl control)
    {
        _given = control;
        if (!_isWriting)
        {
            _isWriting = true;
            simulation.Events.Add(simulation.NowNs + simulation.Random.Within(SlowestNs), EventKind.StoreWritten, 0, _run);
        }
        return 1;
    }

    /// <inheritdoc/>
    public Task<SavedControl?> LoadControlAsync(CancellationToken cancellation) =>
        Task.FromResult(simulation.Mutation == Mutation.ForgetsEpochs ? null : _written);

    /// <inheritdoc/>
    public long Open(in FlowKey key, in Handshake handshake) => -1;

    /// <inheritdoc/>
    public long Append(in FlowKey key, uint clientIsn, long offset, uint ack, bool fin, ReadOnlySpan<byte> bytes) => -1;

    /// <inheritdoc/>
    public long Release(in FlowKey key, uint clientIsn, long upTo) => -1;

    /// <inheritdoc/>
    public long Close(in FlowKey key, uint clientIsn) => -1;

    /// <inheritdoc/>
    public Task<IReadOnlyList<FoundFlow>> FindFlowsAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<FoundFlow>>([]);

    /// <inheritdoc/>
    public Task<SavedFlow?> LoadFlowAsync(FoundFlow found, CancellationToken cancellation) => Task.FromResult<SavedFlow?>(null);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
