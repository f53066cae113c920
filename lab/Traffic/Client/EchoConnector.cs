using System.ComponentModel;
using System.Runtime.InteropServices;
using Appliance.Lab.Traffic.Measure;
using Appliance.Lab.Traffic.Native;

namespace Appliance.Lab.Traffic.Client;

/// <summary>Establishes the echo connections, a batch at a time, and tries failed ones again.</summary>
internal sealed class EchoConnector(TrafficRun run, EventPoll poll, EchoConnection[] connections)
{
    private const long AttemptTime = 10 * MonotonicTime.Second;
    private const long RetryDelay = 100 * MonotonicTime.Millisecond;

    private readonly Queue<(EchoConnection Connection, long Due)> _retries = new();
    private readonly List<EchoConnection> _inFlight = [];
    private int _next;

    /// <summary>Whether no connection is left to be established.</summary>
    public bool IsDone => _next == connections.Length && _retries.Count == 0 && _inFlight.Count == 0;

    /// <summary>Gives up attempts that take too long, and starts others while the batch has room.</summary>
    public void Step(long now)
    {
        for (int i = _inFlight.Count - 1; i >= 0; i--)
        {
            if (_inFlight[i].ConnectDeadline <= now)
            {
                Fail(_inFlight[i], "timed out", now);
            }
        }

        while (_inFlight.Count < run.Options.ConnectBatch)
        {
            if (_retries.TryPeek(out (EchoConnection Connection, long Due) retry) && retry.Due <= now)
            {
                _retries.Dequeue();
                Start(retry.Connection, now);
            }
            else if (_next < connections.Length)
            {
                Start(connections[_next++], now);
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>The socket of <paramref name="connection"/> became writable or failed.</summary>
    public void Complete(EchoConnection connection, long now)
    {
        int error = connection.Socket!.TakeError();
        if (error != 0)
        {
            Fail(connection, Marshal.GetPInvokeErrorMessage(error), now);
            return;
        }

        _inFlight.Remove(connection);
        connection.State = EchoState.Thinking;
        connection.LocalPort = connection.Socket.LocalPort;
        poll.Modify(connection.Socket, connection.Index, PollEvents.Readable);
        run.AddConnected();
    }

    /// <summary>The run ends early: whatever is not established is lost.</summary>
    public void GiveUp()
    {
        foreach (EchoConnection connection in connections)
        {
            if (connection.State == EchoState.Connecting)
            {
                GiveUp(connection, "not connected when the run ended");
            }
        }
    }

    private void Start(EchoConnection connection, long now)
    {
        connection.Attempts++;
        connection.ConnectDeadline = now + AttemptTime;
        try
        {
            connection.Socket = TcpSocket.Create(run.EchoAddress.Family, nonBlocking: true);
        }
        catch (Win32Exception exception)
        {
            Fail(connection, exception.Message, now);
            return;
        }

        _inFlight.Add(connection);
        int error = connection.Socket.Connect(run.EchoAddress);
        if (error is 0 or Errno.ConnectInProgress)
        {
            poll.Add(connection.Socket, connection.Index, PollEvents.Writable);
        }
        else
        {
            Fail(connection, Marshal.GetPInvokeErrorMessage(error), now);
        }
    }

    private void Fail(EchoConnection connection, string reason, long now)
    {
        _inFlight.Remove(connection);
        connection.Socket?.Dispose();
        if (connection.Attempts < run.Options.ConnectAttempts)
        {
            run.AddConnectRetry();
            _retries.Enqueue((connection, now + RetryDelay));
        }
        else
        {
            GiveUp(connection, reason);
        }
    }

    private void GiveUp(EchoConnection connection, string reason)
    {
        connection.Socket?.Dispose();
        connection.State = EchoState.Lost;
        run.AddLost($"echo connection {connection.Index}: cannot connect: {reason}");
        run.AddSettled();
    }
}
