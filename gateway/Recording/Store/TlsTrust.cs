using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Appliance.Gateway.Recording.Store;

/// <summary>Trust in authorities of the operator's own.</summary>
internal static class TlsTrust
{
    /// <summary>Does one of the authorities vouch for the certificate, and has the certificate the right name?</summary>
    public static bool Accepts(X509Certificate? certificate, SslPolicyErrors errors, X509Certificate2Collection authorities)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            return false;
        }
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var copy = new X509Certificate2(certificate);
        return chain.Build(copy);
    }
}
