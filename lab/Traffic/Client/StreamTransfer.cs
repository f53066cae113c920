using System.Runtime.InteropServices;
using Appliance.Lab.Traffic.Content;
using Appliance.Lab.Traffic.Measure;
using Appliance.Lab.Traffic.Native;

namespace Appliance.Lab.Traffic.Client;

/// <summary>One download or upload, on the calling thread: connects, transfers, closes in order, and says how it went.</summary>
internal abstract class StreamTransfer(TrafficRun run, TrafficKind kind, int index) : IDisposable
{
    /// <summary>How soon a blocked call notices that the run is over.</summary>
    private const int TickMs = 200;

    private const long ConnectTime = 10 * MonotonicTime.Second;
    private const int RetryDelayMs = 100;

    /// <summary>A limited stream moves this share of a second's bytes at once, through buffers as small as is sound.</summary>
    private const int StepsPerSecond = 100;

    private const int LeastStep = 1024;
    private const int SmallBuffer = 128 * 1024;

    private readonly Pacer _pacer = new(run.Options.StreamRate);
    private readonly StreamGap _gap = new(run.Gaps, kind);
    private long _transferred;
    private long _endedAt;
    private TcpSocket? _socket;

    /// <summary>Bytes transferred; any thread may read it.</summary>
    public long Transferred => Volatile.Read(ref _transferred);

    /// <summary>The worst wait in nanoseconds, for reading once the transfer has ended.</summary>
    public long WorstWaitNs => _gap.WorstNs;

    /// <summary>The outcome, once the transfer has ended.</summary>
    public StreamResult? Result { get; private set; }

    protected TrafficRun Run { get; } = run;

    /// <summary>Seed of this stream's pattern: each stream of a run has its own.</summary>
    protected ulong Seed { get; } = run.Options.Seed + ((ulong)kind << 32) + (ulong)index;

    /// <summary>Whether the digest was right; null until it is known or when not asked for.</summary>
    protected bool? Sha256Ok { get; set; }

    /// <summary>Does all of it. Failures are in <see cref="Result"/>.</summary>
    public void Execute()
    {
        string? error;
        long startedAt = MonotonicTime.Now;
        try
        {
            Connect();
            startedAt = MonotonicTime.Now;
            _gap.Resume(startedAt);
            Transfer(_socket!);
            error = Sha256Ok == false ? "the SHA-256 differs" : null;
        }
        catch (StreamFailedException failure)
        {
            _endedAt = MonotonicTime.Now;
            error = failure.Message;
        }
        finally
        {
            Dispose();
        }

        if (error is not null)
        {
            Run.AddLost($"{kind} {index}: {error}");
        }

        double seconds = (_endedAt - startedAt) / (double)MonotonicTime.Second;
        double gapMs = MonotonicTime.ToMilliseconds(_gap.WorstNs);
        Result = new StreamResult(kind, Transferred, seconds, gapMs, _gap.WorstStartNs, Sha256Ok, error);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    /// <summary>Moves all bytes over the connected socket and checks them.</summary>
    protected abstract void Transfer(TcpSocket socket);

    /// <summary>The most to move at once out of <paramref name="available"/>.</summary>
    protected int Step(int available) => _pacer.IsLimited
        ? (int)Math.Min(available, Math.Max(LeastStep, Run.Options.StreamRate / StepsPerSecond))
        : available;

    /// <summary>Sends a piece of a step; returns the bytes taken.</summary>
    protected int SendSome(ReadOnlySpan<byte> bytes)
    {
        int sent;
        while (IsTimeout(sent = _socket!.Send(bytes)))
        {
            ThrowIfOver();
        }

        return sent >= 0 ? sent : throw Failed(-sent);
    }

    /// <summary>Sends all of a short text.</summary>
    protected void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[SendSome(bytes)..];
        }
    }

    /// <summary>Reads what there is; 0 at the end of the stream.</summary>
    protected int ReceiveSome(Span<byte> buffer)
    {
        int received;
        while (IsTimeout(received = _socket!.Receive(buffer)))
        {
            ThrowIfOver();
        }

        return received >= 0 ? received : throw Failed(-received);
    }

    /// <summary>Counts progress of the stream, and pauses if it is ahead of its rate. Who has been told to stop is in a hurry.</summary>
    protected void Progress(int bytes)
    {
        long now = MonotonicTime.Now;
        _gap.Progress(now);
        Volatile.Write(ref _transferred, _transferred + bytes);
        long pause = _pacer.Pause(bytes, now);
        if (pause >= MonotonicTime.Millisecond && Run.Phase == RunPhase.Running)
        {
            Thread.Sleep((int)Math.Min(pause / MonotonicTime.Millisecond, TickMs));
            _gap.Resume(MonotonicTime.Now);
        }

        if (Run.Phase != RunPhase.Running)
        {
            ThrowIfOver();
        }
    }

    /// <summary>Closes our side and waits for the server's, which ends the time of the transfer.</summary>
    protected void CloseInOrder(Span<byte> buffer)
    {
        _socket!.ShutdownWrite();
        if (ReceiveSome(buffer) != 0)
        {
            throw new StreamFailedException("the server sent more than asked for");
        }

        _endedAt = MonotonicTime.Now;
    }

    private static bool IsTimeout(int result) => result is -Errno.WouldBlock or -Errno.Interrupted;

    private static StreamFailedException Failed(int error) => new(Marshal.GetPInvokeErrorMessage(error));

    private void ThrowIfOver()
    {
        if (Run.Phase == RunPhase.Aborted)
        {
            throw new StreamFailedException("aborted");
        }

        if (MonotonicTime.Now > Run.StreamDeadline)
        {
            _gap.Progress(MonotonicTime.Now);
            throw new StreamFailedException($"not complete {Run.Options.StreamFinishTime.TotalSeconds} s after the stop");
        }
    }

    private void Connect()
    {
        for (int attempt = 1; ; attempt++)
        {
            int error = TryConnect();
            if (error == 0)
            {
                Run.AddConnected();
                return;
            }

            if (attempt == Run.Options.ConnectAttempts || Run.Phase != RunPhase.Running)
            {
                Run.AddSettled();
                throw new StreamFailedException($"cannot connect: {Marshal.GetPInvokeErrorMessage(error)}");
            }

            Run.AddConnectRetry();
            Thread.Sleep(RetryDelayMs);
        }
    }

    private int TryConnect()
    {
        _socket?.Dispose();
        _socket = TcpSocket.Create(Run.StreamAddress.Family, nonBlocking: false);
        _socket.SetTimeouts(TickMs);
        if (_pacer.IsLimited)
        {
            _socket.SetBuffers(SmallBuffer);
        }

        long deadline = MonotonicTime.Now + ConnectTime;
        int error;
        do
        {
            error = _socket.Connect(Run.StreamAddress);
        }
        while (error is Errno.ConnectInProgress or Errno.AlreadyConnecting or Errno.Interrupted
            && MonotonicTime.Now < deadline && Run.Phase == RunPhase.Running);
        return error;
    }
}
