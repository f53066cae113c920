using System.Security.Cryptography;
using System.Text;
using Appliance.Lab.Traffic.Content;
using Appliance.Lab.Traffic.Native;

namespace Appliance.Lab.Traffic.Server;

/// <summary>Serves one request on the stream port on the calling thread.</summary>
/// <param name="socket">Blocking, with timeouts, owned by the caller.</param>
/// <param name="flipEvery">Bytes of a download between two that are wrong; 0 for none.</param>
/// <param name="cancellation">Ends the service early.</param>
internal sealed class StreamConnection(TcpSocket socket, long flipEvery, CancellationToken cancellation)
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 * 1024, pinned: true);

    /// <summary>Bytes in the buffer, those behind the request line once it is read.</summary>
    private int _filled;

    /// <summary>Reads the request, does it, and waits for the client's close.</summary>
    public void Serve()
    {
        if (!TryReadLine(out int lineLength))
        {
            return;
        }

        StreamRequestError error = StreamRequestError.LineTooLong;
        StreamRequest request = default;
        if (lineLength < 0 || !StreamRequest.TryParse(_buffer.AsSpan(0, lineLength), out request, out error))
        {
            SendAll(Encoding.ASCII.GetBytes($"ERR {error}\n"));
        }
        else if (request.Verb == StreamVerb.Get)
        {
            SendPattern(request);
        }
        else
        {
            ReceivePattern(request, lineLength + 1);
        }

        socket.ShutdownWrite();
        while (Receive(_buffer) > 0)
        {
        }
    }

    /// <summary>Fills the buffer up to a line feed: its offset, or -1 if the line is too long. False at the end of the stream.</summary>
    private bool TryReadLine(out int lineLength)
    {
        lineLength = -1;
        while (true)
        {
            int received = Receive(_buffer.AsSpan(_filled));
            if (received <= 0)
            {
                return false;
            }

            _filled += received;
            lineLength = _buffer.AsSpan(0, Math.Min(_filled, StreamRequest.MaxLine)).IndexOf((byte)'\n');
            if (lineLength >= 0 || _filled >= StreamRequest.MaxLine)
            {
                return true;
            }
        }
    }

    private void SendPattern(StreamRequest request)
    {
        var pattern = new TrafficPattern(request.Seed);
        FaultyMemory? memory = flipEvery > 0 ? new FaultyMemory(flipEvery, request.Seed) : null;
        for (long position = 0; position < request.Bytes;)
        {
            int wanted = (int)Math.Min(request.Bytes - position, TrafficPattern.BlockSize);
            ReadOnlySpan<byte> slice = pattern.Slice(position, wanted);
            if (!SendAll(memory is null ? slice : memory.Read(position, slice)))
            {
                return;
            }

            position += slice.Length;
        }
    }

    private void ReceivePattern(StreamRequest request, int bodyStart)
    {
        var verifier = new PatternVerifier(new TrafficPattern(request.Seed));
        using IncrementalHash? hash = request.Verb == StreamVerb.PutSha256
            ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256)
            : null;
        Span<byte> chunk = _buffer.AsSpan(bodyStart, (int)Math.Min(_filled - bodyStart, request.Bytes));
        long received = 0;
        while (true)
        {
            received += chunk.Length;
            if (hash is null)
            {
                verifier.Verify(chunk);
            }
            else
            {
                hash.AppendData(chunk);
            }

            if (received == request.Bytes)
            {
                break;
            }

            int count = Receive(_buffer.AsSpan(0, (int)Math.Min(_buffer.Length, request.Bytes - received)));
            if (count <= 0)
            {
                return;
            }

            chunk = _buffer.AsSpan(0, count);
        }

        string outcome = hash is null ? $"{verifier.Mismatches}" : Convert.ToHexStringLower(hash.GetCurrentHash());
        SendAll(new StreamReply(received, outcome).ToBytes());
    }

    /// <summary>Returns the bytes read, or at most 0 when the connection or the service is over.</summary>
    private int Receive(Span<byte> buffer)
    {
        int received;
        do
        {
            received = socket.Receive(buffer);
        }
        while (IsTimeout(received));
        return received;
    }

    private bool SendAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int sent = socket.Send(bytes);
            if (sent >= 0)
            {
                bytes = bytes[sent..];
            }
            else if (!IsTimeout(sent))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsTimeout(int result) =>
        result is -Errno.WouldBlock or -Errno.Interrupted && !cancellation.IsCancellationRequested;
}
