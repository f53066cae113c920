using System.Security.Cryptography;
using System.Text;

namespace Appliance.Configuration;

/// <summary>The section <c>api</c>: who may use the REST interface and the dashboard, and with which certificate they are served.</summary>
/// <param name="Anonymous">What requests without a token may do.</param>
/// <param name="Tokens">Who else may do what.</param>
/// <param name="CertificateFile">PEM, the certificate first, then its chain; null without TLS.</param>
/// <param name="KeyFile">PEM, the certificate's private key; null without TLS.</param>
public sealed record ApiOptions(ApiScope Anonymous, IReadOnlyList<ApiToken> Tokens, string? CertificateFile, string? KeyFile)
{
    /// <summary>Least characters of a token.</summary>
    public const int LeastTokenLength = 16;

    /// <summary>Reads the section; <paramref name="isSecure"/>: the interface is served over TLS.</summary>
    public static ApiOptions Read(ConfigNode root, bool isSecure)
    {
        var api = root.Section("api", "who may use the REST interface and the dashboard, and how they are served");
        var anonymous = ReadScope(api, "anonymous", "what requests without a token may do", "none", "none", "read", "operate");
        var tokens = ReadTokens(api);
        var certificate = ReadFile(api, "certificateFile", "PEM file with the certificate, then its chain, for https", "/etc/appliance/tls.pem");
        var key = ReadFile(api, "keyFile", "PEM file with the certificate's private key", "/etc/appliance/tls.key");
        if (isSecure && (certificate is null || key is null))
        {
            api.Error(certificate is null ? "certificateFile" : "keyFile", "is missing: listen is an https address");
        }
        if (!isSecure && (certificate ?? key) is not null)
        {
            api.Error("certificateFile", "needs listen to be an https address");
        }
        api.RejectUnknown();
        return new ApiOptions(anonymous, tokens, certificate, key);
    }

    /// <summary>What is kept of a token.</summary>
    public static byte[] DigestOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static List<ApiToken> ReadTokens(ConfigNode api)
    {
        var tokens = new List<ApiToken>();
        foreach (var node in api.Sections("tokens", "who else may do what", required: false))
        {
            var name = node.Text("name", "whose the token is, for the audit log", example: "alice");
            var scope = ReadScope(node, "scope", "what it allows: reading, or ordering as well", "read", "read", "operate");
            var text = SecretFile.ReadText(node, $"file with the token: at least {LeastTokenLength} characters, not readable by everybody", "/etc/appliance/alice.token", out _);
            node.RejectUnknown();
            if (tokens.Exists(t => t.Name == name) || name == "anonymous")
            {
                node.Error("name", $"'{name}' is taken");
            }
            if (text.Length is > 0 and < LeastTokenLength)
            {
                node.Error("secretFile", $"holds {text.Length} characters, at least {LeastTokenLength} are needed: openssl rand -hex 32");
            }
            if (text.Any(c => c is <= ' ' or > '~'))
            {
                node.Error("secretFile", "must hold one word of printable ASCII characters: openssl rand -hex 32");
            }
            tokens.Add(new ApiToken(name, scope, DigestOf(text)));
        }
        return tokens;
    }

    private static ApiScope ReadScope(ConfigNode node, string field, string meaning, string fallback, params ReadOnlySpan<string> choices) =>
        node.Choice(field, meaning, fallback, choices) switch
        {
            "operate" => ApiScope.Operate,
            "read" => ApiScope.Read,
            _ => ApiScope.None,
        };

    private static string? ReadFile(ConfigNode api, string field, string meaning, string example)
    {
        var path = api.Text(field, meaning, string.Empty, example);
        if (path.Length == 0)
        {
            return null;
        }
        if (!File.Exists(path))
        {
            api.Error(field, $"{path} does not exist");
        }
        return path;
    }
}
