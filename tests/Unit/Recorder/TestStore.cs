using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording.Store;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>A store that takes down what it is given, and is as the test wants it to be.</summary>
internal sealed class TestStore : IRecordingStore
{
    private long _ticket;

    /// <inheritdoc/>
    public event EventHandler? Recovered
    {
        add { }
        remove { }
    }

    /// <inheritdoc/>
    public StoreStatus Status => new() { State = State, Endpoint = "test" };

    /// <inheritdoc/>
    public StoreState State { get; set; } = StoreState.Ready;

    /// <inheritdoc/>
    public long Acknowledged { get; set; }

    /// <inheritdoc/>
    public int Generation { get; set; }

    /// <inheritdoc/>
    public int Emptied { get; set; }

    /// <summary>What came since the test has cleared it.</summary>
    public List<string> Operations { get; } = [];

    /// <summary>Payload bytes since the test has cleared it.</summary>
    public long Bytes { get; set; }

    /// <summary>The content of whatever flow; zero where nothing was written.</summary>
    public MemoryStream Content { get; } = new();

    /// <summary>All that it was given is stored.</summary>
    public void AcknowledgeAll() => Acknowledged = _ticket;

    /// <summary>It has lost everything, or refused something, and works again.</summary>
    public void LoseEverything()
    {
        Generation++;
        Operations.Clear();
        Content.SetLength(0);
        Bytes = 0;
    }

    /// <inheritdoc/>
    public long Open(in FlowKey key, in Handshake handshake) => Take("open");

    /// <inheritdoc/>
    public long Append(in FlowKey key, uint clientIsn, long offset, uint ack, bool fin, ReadOnlySpan<byte> bytes)
    {
        if (State is StoreState.Degraded or StoreState.Off)
        {
            return -1;
        }
        Content.Position = offset;
        Content.Write(bytes);
        Bytes += bytes.Length;
        return Take($"append {offset}+{bytes.Length}{(fin ? " fin" : "")}");
    }

    /// <inheritdoc/>
    public long Release(in FlowKey key, uint clientIsn, long upTo) => Take($"release {upTo}");

    /// <inheritdoc/>
    public long Close(in FlowKey key, uint clientIsn) => Take("close");

    /// <inheritdoc/>
    public long SaveControl(in SavedControl control) => throw new NotSupportedException();

    /// <inheritdoc/>
    public Task<SavedControl?> LoadControlAsync(CancellationToken cancellation) => throw new NotSupportedException();

    /// <inheritdoc/>
    public Task<IReadOnlyList<FoundFlow>> FindFlowsAsync(CancellationToken cancellation) => throw new NotSupportedException();

    /// <inheritdoc/>
    public Task<SavedFlow?> LoadFlowAsync(FoundFlow found, CancellationToken cancellation) => throw new NotSupportedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private long Take(string operation)
    {
        Operations.Add(operation);
        return ++_ticket;
    }
}
