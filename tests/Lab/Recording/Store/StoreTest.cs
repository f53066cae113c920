using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recording.Store;

/// <summary>A test with a store and a real server.</summary>
public abstract class StoreTest
{
    /// <summary>How long anything that must happen may take; what is right happens far sooner.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly List<IAsyncDisposable> _stores = [];

    /// <summary>Ends with the test's time.</summary>
    public TestContext TestContext { get; set; } = null!;

    /// <summary>What stores reported about keys that they cannot use.</summary>
    protected ConcurrentQueue<string> Reports { get; } = new();

    /// <summary>Ends with the test's time.</summary>
    protected CancellationToken Cancellation => TestContext.CancellationToken;

    [TestCleanup]
    public async Task CloseStores()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }
    }

    /// <summary>A connection of a client of its own.</summary>
    protected static FlowKey Key(int client) => new(
        new IPEndPoint(IPAddress.Parse($"10.0.{1 + client / 60_000}.2"), 2000 + client % 60_000), IPEndPoint.Parse("10.0.2.100:80"));

    /// <summary>A handshake with a client ISN.</summary>
    protected static Handshake Handshake(uint isn) => new()
    {
        ClientIsn = isn,
        ServerIsn = 0x5e6f7081,
        SynackNs = 123_456_789,
        SynackTsval = 42,
        ClientMss = 1460,
        ClientWscale = 7,
        ServerWscale = 8,
        Flags = HandshakeFlags.Syn | HandshakeFlags.SynAck | HandshakeFlags.ClientSack,
    };

    /// <summary>Bytes that tell where they belong.</summary>
    protected static byte[] Content(long offset, int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)((offset + i) * 2654435761L >> 13);
        }
        return bytes;
    }

    /// <summary>Opens a store that goes when the test ends.</summary>
    protected RedisRecordingStore Open(string connection, TimeSpan? timeout = null, long queueBytes = 64 << 20, string prefix = "appliance", TimeSpan? ttl = null) =>
        Keep(new RedisRecordingStore(
            new StoreSettings
            {
                ConnectionString = connection,
                KeyPrefix = prefix,
                Timeout = timeout ?? TimeSpan.FromSeconds(2),
                QueueBytes = queueBytes,
                Ttl = ttl ?? TimeSpan.FromDays(1),
            },
            NullLogger.Instance,
            Reports.Enqueue));

    /// <summary>Disposes of a store when the test ends.</summary>
    protected T Keep<T>(T store)
        where T : IAsyncDisposable
    {
        _stores.Add(store);
        return store;
    }

    /// <summary>Opens a connection and appends pieces of some bytes each; returns the last ticket.</summary>
    protected static long Fill(IRecordingStore store, FlowKey key, uint isn, long bytes, int piece = 1448, long from = 0)
    {
        var ticket = store.Open(key, Handshake(isn));
        for (var offset = from; offset < from + bytes; offset += piece)
        {
            ticket = store.Append(key, isn, offset, (uint)(1000 + offset), fin: false, Content(offset, (int)Math.Min(piece, from + bytes - offset)));
            if (ticket < 0)
            {
                return -1;
            }
        }
        return ticket;
    }

    /// <summary>Waits for a condition.</summary>
    protected async Task UntilAsync(Func<bool> condition, string what, IRecordingStore? store = null)
    {
        for (var started = Stopwatch.StartNew(); !condition();)
        {
            Assert.IsLessThan(s_patience, started.Elapsed, $"{what}: {store?.Status}");
            await Task.Delay(5, Cancellation);
        }
    }

    /// <summary>Waits until a ticket is acknowledged.</summary>
    protected Task AcknowledgedAsync(IRecordingStore store, long ticket)
    {
        Assert.IsGreaterThan(0, ticket, store.Status.ToString());
        return UntilAsync(() => store.Acknowledged >= ticket, "acknowledged", store);
    }

    /// <summary>All connections that a store has.</summary>
    protected async Task<List<SavedFlow>> LoadAsync(IRecordingStore store)
    {
        var flows = new List<SavedFlow>();
        foreach (var found in await store.FindFlowsAsync(Cancellation))
        {
            if (await store.LoadFlowAsync(found, Cancellation) is { } flow)
            {
                flows.Add(flow);
            }
        }
        return flows;
    }

    /// <summary>Asserts that a loaded connection has exactly these bytes, each piece with its own ACK.</summary>
    protected static void AssertHolds(SavedFlow flow, long from, long to)
    {
        var at = from;
        foreach (var piece in flow.Pieces)
        {
            Assert.AreEqual(at, piece.Offset, "where a piece starts");
            CollectionAssert.AreEqual(Content(piece.Offset, piece.Bytes.Length), piece.Bytes);
            at = piece.End;
        }
        Assert.AreEqual(to, at, "where the last piece ends");
    }
}
