using Appliance.Lab.Traffic.Content;

namespace Appliance.Lab.Traffic.Server;

/// <summary>Flips a bit of one byte in so many that a stream sends, at random: what a machine does whose memory is faulty. Nobody notices it there.</summary>
/// <param name="every">Bytes between two flips, on average.</param>
/// <param name="seed">Of the stream.</param>
internal sealed class FaultyMemory(long every, ulong seed)
{
#pragma warning disable CA5394 // Chooses places, guards nothing.
    private readonly Random _random = new(unchecked((int)seed));
    private readonly byte[] _copy = new byte[TrafficPattern.BlockSize];
    private long? _next;
    private bool _isTold;

    /// <summary>What is sent in place of some bytes. Says so on standard output the first time that it is not the same.</summary>
    /// <param name="position">Of the first of them in the stream; each call goes on where the one before ended.</param>
    /// <param name="bytes">The bytes.</param>
    public ReadOnlySpan<byte> Read(long position, ReadOnlySpan<byte> bytes)
    {
        _next ??= Distance();
        if (_next >= position + bytes.Length)
        {
            return bytes;
        }

        bytes.CopyTo(_copy);
        for (; _next < position + bytes.Length; _next += Distance())
        {
            _copy[_next.Value - position] ^= (byte)(1 << _random.Next(8));
        }

        if (!_isTold)
        {
            Console.Out.WriteLine($"{TrafficServerOptions.FlippedLine} {seed}");
            _isTold = true;
        }

        return _copy.AsSpan(0, bytes.Length);
    }

    private long Distance() => 1 + (long)(-Math.Log(1 - _random.NextDouble()) * every);
#pragma warning restore CA5394
}
