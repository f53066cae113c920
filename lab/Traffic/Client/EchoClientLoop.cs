using System.Runtime.InteropServices;
using Appliance.Lab.Traffic.Content;
using Appliance.Lab.Traffic.Measure;
using Appliance.Lab.Traffic.Native;

namespace Appliance.Lab.Traffic.Client;

/// <summary>Drives every echo connection of the client on the calling thread.</summary>
internal sealed class EchoClientLoop : IDisposable
{
    private const int TickMs = 100;
    private const long CloseTime = 5 * MonotonicTime.Second;

    private readonly TrafficRun _run;
    private readonly EventPoll _poll = new();
    private readonly EchoConnection[] _connections;
    private readonly EchoConnector _connector;
    private readonly TrafficPattern _pattern;
    private readonly byte[] _message;
    private readonly byte[] _buffer;
    private int _waiting;
    private int _closing;
    private long _echoes;

    public EchoClientLoop(TrafficRun run)
    {
        _run = run;
        _connections = [.. Enumerable.Range(0, run.Options.EchoConnections).Select(index => new EchoConnection(index))];
        _connector = new EchoConnector(run, _poll, _connections);
        _pattern = new TrafficPattern(run.Options.Seed);
        _message = GC.AllocateArray<byte>(run.Options.MessageSize, pinned: true);
        _buffer = GC.AllocateArray<byte>(run.Options.MessageSize + 1, pinned: true);
    }

    /// <summary>Round trips, for reading once the loop has ended.</summary>
    public LatencyHistogram RoundTrips { get; } = new();

    /// <summary>Messages that came back; any thread may read it.</summary>
    public long Echoes => Volatile.Read(ref _echoes);

    /// <summary>Connections that the server did not close when we did.</summary>
    public int Unclosed { get; private set; }

    /// <summary>The worst wait of each connection in nanoseconds, for reading once the loop has ended.</summary>
    public IEnumerable<long> WorstWaits => _connections.Select(connection => connection.WorstNs);

    /// <summary>Connects, exchanges messages until told to finish, waits for the last echoes, closes.</summary>
    public void Run()
    {
        Connect();
        Exchange();
        Drain();
        Close();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (EchoConnection connection in _connections)
        {
            connection.Socket?.Dispose();
        }

        _poll.Dispose();
    }

    private void Connect()
    {
        while (!_connector.IsDone && _run.Phase == RunPhase.Running)
        {
            _connector.Step(MonotonicTime.Now);
            Pump(TickMs / 10);
        }

        _connector.GiveUp();
    }

    private void Exchange()
    {
        long period = MonotonicTime.From(_run.Options.EffectiveThinkTime);
        var schedule = new EchoSchedule(_connections.Length, period, MonotonicTime.Now);
        while (_run.Phase == RunPhase.Running)
        {
            while (schedule.TryTake(MonotonicTime.Now, out int index))
            {
                if (_connections[index].State == EchoState.Thinking)
                {
                    Begin(_connections[index]);
                }
            }

            // One millisecond is the finest wait: the turns of it go out together, and the thread wakes less often.
            long wait = (schedule.NextAt - MonotonicTime.Now + MonotonicTime.Millisecond - 1) / MonotonicTime.Millisecond;
            Pump((int)Math.Clamp(wait, 0, TickMs));
        }
    }

    private void Drain()
    {
        while (_waiting > 0 && _run.Phase != RunPhase.Aborted && MonotonicTime.Now < _run.EchoDeadline)
        {
            Pump(TickMs / 10);
        }

        foreach (EchoConnection connection in _connections.Where(connection => connection.State == EchoState.Waiting))
        {
            Lose(connection, "no echo before the end of the run");
        }
    }

    private void Close()
    {
        foreach (EchoConnection connection in _connections.Where(connection => connection.State == EchoState.Thinking))
        {
            connection.State = EchoState.Closing;
            connection.Socket!.ShutdownWrite();
            _closing++;
        }

        long deadline = MonotonicTime.Now + CloseTime;
        while (_closing > 0 && _run.Phase != RunPhase.Aborted && MonotonicTime.Now < deadline)
        {
            Pump(TickMs / 10);
        }

        Unclosed = _closing;
    }

    private void Pump(int timeoutMs)
    {
        int count = _poll.Wait(timeoutMs);
        for (int i = 0; i < count; i++)
        {
            EchoConnection connection = _connections[_poll.Read(i, out PollEvents events)];
            if (connection.State == EchoState.Connecting)
            {
                _connector.Complete(connection, MonotonicTime.Now);
                continue;
            }

            if (events.HasFlag(PollEvents.Writable) && connection.State == EchoState.Waiting)
            {
                ContinueSending(connection);
            }

            if (connection.State is not (EchoState.Lost or EchoState.Closed)
                && (events & (PollEvents.Readable | PollEvents.Error | PollEvents.HangUp)) != PollEvents.None)
            {
                Receive(connection);
            }
        }
    }

    private void Begin(EchoConnection connection)
    {
        _waiting++;
        connection.Begin(MonotonicTime.Now);
        if (!connection.Send(_pattern, _message))
        {
            LoseOrWatch(connection, PollEvents.Readable | PollEvents.Writable);
        }
    }

    private void ContinueSending(EchoConnection connection)
    {
        bool complete = connection.Send(_pattern, _message);
        if (complete || connection.LastError != 0)
        {
            LoseOrWatch(connection, PollEvents.Readable);
        }
    }

    private void LoseOrWatch(EchoConnection connection, PollEvents events)
    {
        if (connection.LastError != 0)
        {
            Lose(connection, Marshal.GetPInvokeErrorMessage(connection.LastError));
        }
        else
        {
            _poll.Modify(connection.Socket!, connection.Index, events);
        }
    }

    private void Receive(EchoConnection connection)
    {
        bool wasClosing = connection.State == EchoState.Closing;
        EchoVerdict verdict = connection.Receive(_buffer, _pattern, _message);
        if (connection.LastReceived > 0)
        {
            _run.AddBytes(connection.LastReceived, connection.LastCorrupted);
        }

        switch (verdict)
        {
            case EchoVerdict.Incomplete:
                break;
            case EchoVerdict.Complete:
                Complete(connection);
                break;
            case EchoVerdict.ClosedByPeer when wasClosing:
                connection.State = EchoState.Closed;
                connection.Socket!.Dispose();
                _closing--;
                break;
            case EchoVerdict.ClosedByPeer:
                Lose(connection, "closed by the server");
                break;
            case EchoVerdict.Corrupted:
                Lose(connection, $"message {connection.Sequence}: {connection.LastCorrupted} bytes differ");
                break;
            default:
                Lose(connection, Marshal.GetPInvokeErrorMessage(connection.LastError));
                break;
        }
    }

    private void Complete(EchoConnection connection)
    {
        _waiting--;
        Volatile.Write(ref _echoes, _echoes + 1);
        long now = MonotonicTime.Now;
        RoundTrips.Record(now - connection.SentAt);
        _run.Timeline.Record(now);
        NoteWait(connection, now);
    }

    private void Lose(EchoConnection connection, string reason)
    {
        if (connection.State == EchoState.Waiting)
        {
            _waiting--;
            NoteWait(connection, MonotonicTime.Now);
        }
        else if (connection.State == EchoState.Closing)
        {
            _closing--;
        }

        connection.State = EchoState.Lost;
        connection.Socket!.Dispose();
        _run.AddLost($"echo connection {connection.Index} (local port {connection.LocalPort}): {reason}");
    }

    private void NoteWait(EchoConnection connection, long now)
    {
        connection.WorstNs = Math.Max(connection.WorstNs, now - connection.SentAt);
        _run.Gaps.Record(connection.SentAt, now, TrafficKind.Echo);
    }
}
