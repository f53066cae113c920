using System.Security.Cryptography;

namespace Appliance.RepairChannel;

/// <summary>Closes, or opens, the frames of one direction: HMAC-SHA256 under the direction's key, cut to 16 bytes, and a counter.</summary>
public sealed class FrameSeal(ReadOnlySpan<byte> key) : IDisposable
{
    private readonly IncrementalHash _mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);

    /// <summary>Frames closed or opened so far; the number of the next.</summary>
    public ulong Counter { get; private set; }

    /// <summary>Writes the header and the MAC around the body, which is in its place already.</summary>
    /// <param name="kind">What the body is.</param>
    /// <param name="frame">The whole frame.</param>
    public void Close(FrameKind kind, Span<byte> frame)
    {
        new FrameHeader((uint)(frame.Length - FrameHeader.Overhead), kind, Counter++).Write(frame);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Compute(frame[..^FrameHeader.MacLength], mac);
        mac[..FrameHeader.MacLength].CopyTo(frame[^FrameHeader.MacLength..]);
    }

    /// <summary>Judges a whole frame: authentic, and the next one of its direction?</summary>
    /// <returns><see cref="ChannelFault.None"/>, <see cref="ChannelFault.Forged"/> or <see cref="ChannelFault.Replayed"/>.</returns>
    public ChannelFault Open(ReadOnlySpan<byte> frame)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Compute(frame[..^FrameHeader.MacLength], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac[..FrameHeader.MacLength], frame[^FrameHeader.MacLength..]))
        {
            return ChannelFault.Forged;
        }
        if (FrameHeader.Read(frame).Counter != Counter)
        {
            return ChannelFault.Replayed;
        }
        Counter++;
        return ChannelFault.None;
    }

    /// <inheritdoc/>
    public void Dispose() => _mac.Dispose();

    private void Compute(ReadOnlySpan<byte> bytes, Span<byte> mac)
    {
        _mac.AppendData(bytes);
        _mac.GetHashAndReset(mac);
    }
}
