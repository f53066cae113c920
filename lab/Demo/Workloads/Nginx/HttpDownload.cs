using System.Security.Cryptography;
using System.Text;
using Appliance.Lab.Traffic.Client;
using Appliance.Lab.Traffic.Content;
using Appliance.Lab.Traffic.Measure;
using Appliance.Lab.Traffic.Native;

namespace Appliance.Lab.Demo.Workloads.Nginx;

/// <summary>One download over plain HTTP/1.1, compared byte for byte and by SHA-256 with the file that the server has.</summary>
/// <param name="run">The run; its seed is that of the file.</param>
/// <param name="path">The file's path on the server.</param>
/// <param name="sha256">Digest of the whole file, hexadecimal.</param>
/// <param name="index">Number of the download.</param>
internal sealed class HttpDownload(TrafficRun run, string path, string sha256, int index) : StreamTransfer(run, TrafficKind.Download, index)
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 * 1024, pinned: true);

    /// <inheritdoc/>
    protected override void Transfer(TcpSocket socket)
    {
        SendAll(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: demo\r\nUser-Agent: appliance-demo\r\nConnection: close\r\n\r\n"));
        var total = Run.Options.StreamBytes;
        var verifier = new PatternVerifier(new TrafficPattern(Run.Options.Seed));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var received = ReadHead(total, out var begin);
        Take(_buffer.AsSpan(begin, received - begin), verifier, hash);
        while (Transferred < total)
        {
            var wanted = Step((int)Math.Min(_buffer.Length, total - Transferred));
            received = ReceiveSome(_buffer.AsSpan(0, wanted));
            if (received == 0)
            {
                throw new StreamFailedException($"closed by the server after {Transferred} of {total} bytes");
            }

            Take(_buffer.AsSpan(0, received), verifier, hash);
        }

        CloseInOrder(_buffer);
        Sha256Ok = string.Equals(Convert.ToHexStringLower(hash.GetCurrentHash()), sha256, StringComparison.Ordinal);
    }

    private int ReadHead(long total, out int begin)
    {
        var received = 0;
        while (!HttpResponseHead.IsComplete(_buffer.AsSpan(0, received)))
        {
            var some = received < _buffer.Length ? ReceiveSome(_buffer.AsSpan(received)) : 0;
            if (some == 0)
            {
                throw new StreamFailedException($"no complete response head in {received} bytes");
            }

            received += some;
        }

        if (!HttpResponseHead.TryRead(_buffer.AsSpan(0, received), out var head) || head.Status != 200 || head.ContentLength != total)
        {
            throw new StreamFailedException($"the server answered with status {head.Status} and {head.ContentLength} bytes");
        }

        begin = head.HeadLength;
        return received;
    }

    private void Take(ReadOnlySpan<byte> bytes, PatternVerifier verifier, IncrementalHash hash)
    {
        Run.Timeline.Record(MonotonicTime.Now);
        var corrupted = verifier.Verify(bytes);
        Run.AddBytes(bytes.Length, corrupted);
        if (corrupted > 0)
        {
            throw new StreamFailedException($"{corrupted} of {bytes.Length} bytes differ, the first at offset {verifier.FirstMismatch}");
        }

        hash.AppendData(bytes);
        Progress(bytes.Length);
    }
}
