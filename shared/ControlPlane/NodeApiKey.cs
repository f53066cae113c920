using System.Security.Cryptography;

namespace Appliance.ControlPlane;

/// <summary>
/// The bearer token of the nodes' own HTTP interfaces: who knows the control plane's secret can derive it, and nobody else.
/// It never opens anything but reading.
/// </summary>
public static class NodeApiKey
{
    /// <summary>HMAC-SHA256 of a label under the secret, in hexadecimal.</summary>
    public static string Of(ReadOnlySpan<byte> secret) => Convert.ToHexStringLower(HMACSHA256.HashData(secret, "appliance node api 1"u8));
}
