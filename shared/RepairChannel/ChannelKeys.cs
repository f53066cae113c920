using System.Security.Cryptography;

namespace Appliance.RepairChannel;

/// <summary>The keys of one session: HMAC-SHA256(secret, "appliance repair" | sender's role | node's hello | gateway's hello).</summary>
public static class ChannelKeys
{
    private static ReadOnlySpan<byte> Label => "appliance repair"u8;

    /// <summary>The seal of the frames that <paramref name="sender"/> sends.</summary>
    public static FrameSeal Derive(ReadOnlySpan<byte> secret, ChannelRole sender, ReadOnlySpan<byte> nodeHello, ReadOnlySpan<byte> gatewayHello)
    {
        Span<byte> context = stackalloc byte[Label.Length + 1 + (2 * ChannelHello.Length)];
        Label.CopyTo(context);
        context[Label.Length] = (byte)sender;
        nodeHello[..ChannelHello.Length].CopyTo(context[(Label.Length + 1)..]);
        gatewayHello[..ChannelHello.Length].CopyTo(context[(Label.Length + 1 + ChannelHello.Length)..]);
        Span<byte> key = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, context, key);
        var seal = new FrameSeal(key);
        CryptographicOperations.ZeroMemory(key);
        return seal;
    }

    /// <summary>An empty secret is anybody's.</summary>
    internal static void ThrowIfEmpty(ReadOnlySpan<byte> secret)
    {
        if (secret.IsEmpty)
        {
            throw new ArgumentException("the secret is empty", nameof(secret));
        }
    }
}
