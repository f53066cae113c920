using Appliance.Lab.Traffic.Content;
using Appliance.Lab.Traffic.Measure;
using Appliance.Lab.Traffic.Native;

namespace Appliance.Lab.Traffic.Client;

/// <summary>A stream to the server, which compares it and answers.</summary>
internal sealed class UploadStream(TrafficRun run, int index) : StreamTransfer(run, TrafficKind.Upload, index)
{
    /// <summary>Bytes of one write: few enough that a stall is seen soon.</summary>
    private const int WriteSize = 64 * 1024;

    private readonly byte[] _line = new byte[StreamReply.MaxLine];

    /// <inheritdoc/>
    protected override void Transfer(TcpSocket socket)
    {
        var pattern = new TrafficPattern(Seed);
        long total = Run.Options.StreamBytes;
        StreamVerb verb = Run.Options.Sha256 ? StreamVerb.PutSha256 : StreamVerb.PutCompare;
        int requestLength = new StreamRequest(verb, total, Seed).Write(_line);
        SendAll(_line.AsSpan(0, requestLength));
        while (Transferred < total)
        {
            ReadOnlySpan<byte> slice = pattern.Slice(Transferred, (int)Math.Min(WriteSize, total - Transferred));
            Progress(SendSome(slice[..Step(slice.Length)]));
        }

        StreamReply reply = ReadReply();
        Run.Timeline.Record(MonotonicTime.Now);
        CloseInOrder(_line);
        Judge(reply, pattern, total);
    }

    private StreamReply ReadReply()
    {
        int filled = 0;
        while (filled < _line.Length)
        {
            int received = ReceiveSome(_line.AsSpan(filled));
            filled += received;
            Span<byte> text = _line.AsSpan(0, filled);
            int end = text.IndexOf((byte)'\n');
            if (end == filled - 1 && end >= 0 && StreamReply.TryParse(text[..end], out StreamReply reply))
            {
                return reply;
            }

            if (end >= 0 || received == 0)
            {
                break;
            }
        }

        throw new StreamFailedException("no answer of the expected form to the upload");
    }

    private void Judge(StreamReply reply, TrafficPattern pattern, long total)
    {
        if (reply.Bytes != total)
        {
            throw new StreamFailedException($"the server counted {reply.Bytes} of {total} bytes");
        }

        long corrupted = 0;
        if (Run.Options.Sha256)
        {
            Sha256Ok = reply.Outcome == pattern.Sha256(total);
        }
        else if (!long.TryParse(reply.Outcome, out corrupted))
        {
            throw new StreamFailedException("no answer of the expected form to the upload");
        }

        Run.AddBytes(Sha256Ok == false ? 0 : total, corrupted);
        if (corrupted > 0)
        {
            throw new StreamFailedException($"{corrupted} bytes differ at the server");
        }
    }
}
