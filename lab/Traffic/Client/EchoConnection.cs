using Appliance.Lab.Traffic.Content;
using Appliance.Lab.Traffic.Native;

namespace Appliance.Lab.Traffic.Client;

/// <summary>One echo connection of the client: where its current message stands, and its worst wait.</summary>
/// <param name="index">Number of the connection, which its content depends on.</param>
internal sealed class EchoConnection(int index)
{
    private int _sent;
    private int _received;

    public int Index => index;

    public EchoState State { get; set; }

    public TcpSocket? Socket { get; set; }

    /// <summary>Local port once connected, which finds the connection in a capture.</summary>
    public int LocalPort { get; set; }

    /// <summary>Attempts to connect made.</summary>
    public int Attempts { get; set; }

    /// <summary>When the current attempt to connect is given up, in nanoseconds.</summary>
    public long ConnectDeadline { get; set; }

    /// <summary>Number of the current message.</summary>
    public long Sequence { get; private set; }

    /// <summary>When the current message was begun, in nanoseconds.</summary>
    public long SentAt { get; private set; }

    /// <summary>Longest wait for an echo, in nanoseconds.</summary>
    public long WorstNs { get; set; }

    /// <summary>Bytes found different by the last <see cref="Receive"/>, of <see cref="LastReceived"/>.</summary>
    public int LastCorrupted { get; private set; }

    /// <summary>Bytes that the last <see cref="Receive"/> read.</summary>
    public int LastReceived { get; private set; }

    /// <summary>The errno of the last failure.</summary>
    public int LastError { get; private set; }

    /// <summary>Starts the next message.</summary>
    public void Begin(long now)
    {
        State = EchoState.Waiting;
        Sequence++;
        SentAt = now;
        _sent = 0;
        _received = 0;
    }

    /// <summary>
    /// Sends what is left of the current message. Returns whether all of it is out; <see cref="LastError"/> is not 0
    /// when the connection failed.
    /// </summary>
    public bool Send(TrafficPattern pattern, Span<byte> message)
    {
        EchoMessage.Write(message, pattern, index, Sequence);
        int count = Socket!.Send(message[_sent..]);
        LastError = count is >= 0 or -Errno.WouldBlock or -Errno.Interrupted ? 0 : -count;
        _sent += Math.Max(count, 0);
        return _sent == message.Length;
    }

    /// <summary>Reads into <paramref name="buffer"/>, which is longer than a message, and compares.</summary>
    public EchoVerdict Receive(Span<byte> buffer, TrafficPattern pattern, Span<byte> message)
    {
        LastReceived = 0;
        LastCorrupted = 0;
        int count = Socket!.Receive(buffer);
        if (count <= 0)
        {
            LastError = -count;
            return count switch
            {
                0 => EchoVerdict.ClosedByPeer,
                -Errno.WouldBlock or -Errno.Interrupted => EchoVerdict.Incomplete,
                _ => EchoVerdict.Reset,
            };
        }

        LastReceived = count;
        if (State != EchoState.Waiting || count > _sent - _received)
        {
            LastCorrupted = count;
            return EchoVerdict.Corrupted;
        }

        EchoMessage.Write(message, pattern, index, Sequence);
        return Accept(buffer[..count], message.Slice(_received, count), message.Length);
    }

    private EchoVerdict Accept(ReadOnlySpan<byte> received, ReadOnlySpan<byte> expected, int messageLength)
    {
        if (!received.SequenceEqual(expected))
        {
            LastCorrupted = ByteDifference.Count(received, expected);
            return EchoVerdict.Corrupted;
        }

        _received += received.Length;
        if (_received < messageLength)
        {
            return EchoVerdict.Incomplete;
        }

        State = EchoState.Thinking;
        return EchoVerdict.Complete;
    }
}
