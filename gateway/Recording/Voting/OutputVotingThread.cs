using System.Runtime.InteropServices;
using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Native;
using Appliance.Net;
using Appliance.Packets;

namespace Appliance.Gateway.Recording.Voting;

/// <summary>The thread that reads what the programs have held back: whatever it takes, a client waits for it. Its voting may be asked on any thread.</summary>
public sealed class OutputVotingThread : IAgreedOutlet, IDisposable
{
    /// <summary>AGREED_MARK in bpf/appliance.h.</summary>
    private const uint Mark = 0x54324147;

    private const int SendBuffer = 8 << 20;

    private static readonly TimeSpan s_idle = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private readonly RingLog _ring;
    private readonly PacketSocket _socket;
    private readonly MacAddress _gateway;
    private readonly OutputVoting _voting;
    private readonly Action<Exception> _failed;
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <summary>Opens the ring, which becomes its own, and starts.</summary>
    /// <param name="ring">The programs' ring <c>outputs</c>.</param>
    /// <param name="lanIfindex">The interface whose hooks turn round what is sent.</param>
    /// <param name="gateway">Its Ethernet address: what was copied to replicas has theirs by the time it is held back.</param>
    /// <param name="make">Makes the voting over this outlet.</param>
    /// <param name="failed">Hears of what should not be.</param>
    public OutputVotingThread(RingLog ring, int lanIfindex, MacAddress gateway, Func<IAgreedOutlet, OutputVoting> make, Action<Exception> failed)
    {
        _ring = ring;
        _ring.Clear();
        _socket = PacketSocket.Open(lanIfindex, Mark, SendBuffer, isOffloaded: true);
        _gateway = gateway;
        _voting = make(this);
        _failed = failed;
        _thread = new Thread(Run) { IsBackground = true, Name = "voting" };
        _thread.Start();
    }

    /// <summary>Bytes that all have said, and bytes that were released without that; times that nodes contradicted one another or were waited for in vain.</summary>
    public AgreementStatus Status
    {
        get
        {
            lock (_gate)
            {
                return new AgreementStatus(_voting.AgreedBytes, _voting.ReleasedBytes, _voting.Differences, _voting.Timeouts, _voting.Refused, _voting.Waiting, _voting.Unsent);
            }
        }
    }

    /// <inheritdoc cref="OutputVoting.Ask"/>
    public void Ask(in FlowKey key, uint clientIsn, VoiceMode mode, uint voters, int active)
    {
        lock (_gate)
        {
            if (mode != VoiceMode.First || _voting.Knows(key))
            {
                _voting.Ask(key, clientIsn, mode, voters, active, MonotonicClock.Now);
            }
        }
    }

    /// <inheritdoc cref="OutputVoting.Forget"/>
    public void Forget(in FlowKey key)
    {
        lock (_gate)
        {
            _voting.Forget(key);
        }
    }

    /// <inheritdoc/>
    public bool Send(Span<byte> frame, in NodeSegment layout, int segmentBytes)
    {
        var length = frame.Length - OffloadHeader.Length;
        var hasCwr = ((TcpFlags)frame[OffloadHeader.Length + layout.Tcp + 13] & TcpFlags.Cwr) != TcpFlags.None;
        OffloadHeader.WriteTcp(frame, layout.IsIPv6, layout.Tcp, layout.Payload, length - layout.Payload > segmentBytes ? segmentBytes : 0, hasCwr);
        _gateway.CopyTo(frame[OffloadHeader.Length..]);
        return _socket.Send(frame) == FrameOutcome.Accepted;
    }

    /// <summary>Stops. What the programs hold back from then on waits for a successor.</summary>
    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _socket.Dispose();
        _ring.Dispose();
    }

    private void Run()
    {
        var share = new RealtimeShare(priority: 1, busyNice: -20);
        var poller = new DescriptorPoller();
        poller.Add(_ring.Descriptor, write: false);
        while (!_stopping)
        {
            try
            {
                share.Review(MonotonicClock.Now);
                poller.Wait(s_idle);
                lock (_gate)
                {
                    Read();
                    _voting.Tick(MonotonicClock.Now);
                }
            }
            catch (Exception e)
            {
                _failed(e);
            }
        }
    }

    private void Read()
    {
        while (_ring.TryPeek(out var bytes))
        {
            ref readonly var record = ref MemoryMarshal.AsRef<Record>(bytes);
            try
            {
                _voting.Hear(record, bytes.Slice(Record.PayloadOffset, (int)record.Length), MonotonicClock.Now);
            }
            finally
            {
                _ring.Advance();
                _ring.Release(_ring.Position);
                Interlocked.MemoryBarrier(); // the programs wake us when they see this before they have written the next
            }
        }
    }
}
