using System.Security.Cryptography;
using Appliance.Lab.Traffic.Content;
using Appliance.Lab.Traffic.Measure;
using Appliance.Lab.Traffic.Native;

namespace Appliance.Lab.Traffic.Client;

/// <summary>A stream from the server, compared byte for byte as it arrives.</summary>
internal sealed class DownloadStream(TrafficRun run, int index) : StreamTransfer(run, TrafficKind.Download, index)
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 * 1024, pinned: true);

    /// <inheritdoc/>
    protected override void Transfer(TcpSocket socket)
    {
        var pattern = new TrafficPattern(Seed);
        var verifier = new PatternVerifier(pattern);
        long total = Run.Options.StreamBytes;
        using IncrementalHash? hash = Run.Options.Sha256 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        int requestLength = new StreamRequest(StreamVerb.Get, total, Seed).Write(_buffer);
        SendAll(_buffer.AsSpan(0, requestLength));
        while (Transferred < total)
        {
            int wanted = Step((int)Math.Min(_buffer.Length, total - Transferred));
            int received = ReceiveSome(_buffer.AsSpan(0, wanted));
            if (received == 0)
            {
                throw new StreamFailedException($"closed by the server after {Transferred} of {total} bytes");
            }

            Run.Timeline.Record(MonotonicTime.Now);
            Check(verifier, received);
            hash?.AppendData(_buffer, 0, received);
            Progress(received);
        }

        CloseInOrder(_buffer);
        if (hash is not null)
        {
            Sha256Ok = Convert.ToHexStringLower(hash.GetCurrentHash()) == pattern.Sha256(total);
        }
    }

    private void Check(PatternVerifier verifier, int received)
    {
        long corrupted = verifier.Verify(_buffer.AsSpan(0, received));
        Run.AddBytes(received, corrupted);
        if (corrupted > 0)
        {
            throw new StreamFailedException($"{corrupted} of {received} bytes differ, the first at offset {verifier.FirstMismatch}");
        }
    }
}
