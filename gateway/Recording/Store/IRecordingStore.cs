using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// Where windows, epoch and assignment persist. Every call returns at once; a task of the store's own writes. Operations
/// on a connection are written in the order in which they were given. Calls may come from several threads.
/// </summary>
/// <remarks>
/// <para>A ticket is a positive number, higher with every operation. −1 instead of one means that the operation was not
/// taken: go on from memory. Everything that was refused or lost is followed, once the store works again, by a
/// higher <see cref="Generation"/>: append what memory still holds again.</para>
/// <para>Read <see cref="Acknowledged"/> first and <see cref="Generation"/> second: if the generation has changed, the
/// acknowledgement says nothing about tickets from before. Repeating what is stored already does no harm.</para>
/// </remarks>
public interface IRecordingStore : IAsyncDisposable
{
    /// <summary>A snapshot; allocates.</summary>
    StoreStatus Status { get; }

    /// <summary>How it is, at no cost. Appends are taken unless it is degraded, also while it connects.</summary>
    StoreState State { get; }

    /// <summary>Every ticket up to this one is stored as durably as the server stores; never falls.</summary>
    long Acknowledged { get; }

    /// <summary>Rises each time that the store works again after it refused or lost something; 0 at first.</summary>
    int Generation { get; }

    /// <summary>
    /// Rises each time that the server came back without its data: what is not in memory any more is lost. It changes
    /// before <see cref="Generation"/> does.
    /// </summary>
    int Emptied { get; }

    /// <summary>Raised on a thread of the store's when <see cref="Generation"/> has risen.</summary>
    event EventHandler? Recovered;

    /// <summary>Makes a connection known; idempotent, and needed before its first <see cref="Append"/>.</summary>
    long Open(in FlowKey key, in Handshake handshake);

    /// <summary>Stores client bytes; copies them before it returns.</summary>
    /// <param name="key">The connection.</param>
    /// <param name="clientIsn">The client's initial sequence number, which tells incarnations apart.</param>
    /// <param name="offset">Stream offset of the first byte; 0 is the first byte after the SYN.</param>
    /// <param name="ack">The acknowledgement number that the bytes came with first.</param>
    /// <param name="fin">Is the byte after the last one the FIN?</param>
    /// <param name="bytes">May be empty when <paramref name="fin"/> is set.</param>
    /// <returns>The ticket; −1 when the store is degraded, its queue is full, or the connection is not open.</returns>
    long Append(in FlowKey key, uint clientIsn, long offset, uint ack, bool fin, ReadOnlySpan<byte> bytes);

    /// <summary>Bytes below <paramref name="upTo"/> are not needed any more.</summary>
    long Release(in FlowKey key, uint clientIsn, long upTo);

    /// <summary>The connection is over: removes its keys, also after an outage.</summary>
    long Close(in FlowKey key, uint clientIsn);

    /// <summary>Stores epoch and assignment; the latest one counts, also after an outage.</summary>
    long SaveControl(in SavedControl control);

    /// <summary>
    /// What <see cref="SaveControl"/> stored last; waits up to a minute for the embedded server to read its data. Null when there is none, and when the store was not reached within
    /// its timeout: <see cref="Status"/> tells which.
    /// </summary>
    Task<SavedControl?> LoadControlAsync(CancellationToken cancellation);

    /// <summary>
    /// The connections that an earlier run left, without their bytes: that is soon done. What cannot be used is skipped and
    /// reported. Those returned are open: go on appending to them, or close them.
    /// </summary>
    Task<IReadOnlyList<FoundFlow>> FindFlowsAsync(CancellationToken cancellation);

    /// <summary>What the earlier run had written of one of them; null when it could not be read.</summary>
    Task<SavedFlow?> LoadFlowAsync(FoundFlow found, CancellationToken cancellation);
}
