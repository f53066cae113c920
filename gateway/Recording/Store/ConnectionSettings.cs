using System.Net;
using System.Security.Cryptography.X509Certificates;
using Appliance.Host;
using StackExchange.Redis;

namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// A connection string: as StackExchange.Redis reads it, and besides <c>serviceName</c> (a Sentinel group, whose sentinels
/// are the servers named), <c>sentinelPassword</c> and <c>ca</c> (a PEM file with the authorities to trust).
/// </summary>
internal sealed class ConnectionSettings
{
    private readonly ConfigurationOptions _options;

    private ConnectionSettings(ConfigurationOptions options) => _options = options;

    /// <summary>The servers, or sentinels, as they were written.</summary>
    public IReadOnlyList<EndPoint> EndPoints => [.. _options.EndPoints];

    /// <summary>The password; null for none.</summary>
    public string? Password => _options.Password is { Length: > 0 } password ? password : null;

    /// <summary>Name of the Sentinel group; null when the servers are named themselves.</summary>
    public string? SentinelGroup { get; private init; }

    /// <summary>The sentinels' own password.</summary>
    public string? SentinelPassword { get; private init; }

    /// <summary>Is TLS spoken?</summary>
    public bool Tls => _options.Ssl;

    /// <summary>The name that a certificate has to bear; null for the host's.</summary>
    public string? TlsHost => _options.SslHost is { Length: > 0 } host ? host : null;

    /// <summary>Authorities to trust instead of the system's; null for the system's.</summary>
    public X509Certificate2Collection? Authorities { get; private init; }

    /// <summary>Logical database.</summary>
    public int Database => _options.DefaultDatabase ?? 0;

    /// <summary>For people; without secrets.</summary>
    public string Description => SentinelGroup is null ? Describe(_options.EndPoints) : $"{SentinelGroup} by sentinel {Describe(_options.EndPoints)}";

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="StartupException">With what is wrong in it.</exception>
    public static ConnectionSettings Parse(string text)
    {
        string? group = null, sentinelPassword = null, ca = null;
        var rest = new List<string>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var value = part[(part.IndexOf('=', StringComparison.Ordinal) + 1)..];
            switch (part.Length > value.Length ? part[..^(value.Length + 1)].ToUpperInvariant() : string.Empty)
            {
                case "SERVICENAME":
                    group = value;
                    break;
                case "SENTINELPASSWORD":
                    sentinelPassword = value;
                    break;
                case "CA":
                    ca = value;
                    break;
                case "USER":
                    throw Wrong("user: only the default user's password is supported; give the default user one (requirepass) and write password=…");
                default:
                    rest.Add(part);
                    break;
            }
        }
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(string.Join(',', rest));
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw Wrong($"{e.Message.Split('\n')[0].TrimEnd()}: write a connection string such as 10.0.0.5:6379,password=…,ssl=true");
        }
        if (options.EndPoints.Count == 0)
        {
            throw Wrong("names no server: write a connection string such as 10.0.0.5:6379,password=…");
        }
        options.SetDefaultPorts();
        return new ConnectionSettings(options) { SentinelGroup = group, SentinelPassword = sentinelPassword, Authorities = ca is null ? null : Load(ca) };
    }

    /// <summary>What StackExchange.Redis is to be told.</summary>
    /// <param name="servers">Where to connect to.</param>
    /// <param name="timeout">Longest wait for a connection and for an answer.</param>
    /// <param name="clientName">How the server's CLIENT LIST shows the connection.</param>
    public ConfigurationOptions ToOptions(IEnumerable<EndPoint> servers, TimeSpan timeout, string clientName)
    {
        var options = _options.Clone();
        options.EndPoints.Clear();
        foreach (var server in servers)
        {
            options.EndPoints.Add(server);
        }
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;
        options.ConnectTimeout = (int)timeout.TotalMilliseconds;
        options.SyncTimeout = (int)timeout.TotalMilliseconds;
        options.ClientName = clientName;
        options.TieBreaker = string.Empty;
        options.ConfigurationChannel = string.Empty;
        options.AllowAdmin = true;
        if (Authorities is not null)
        {
            options.CertificateValidation += (_, certificate, _, errors) => TlsTrust.Accepts(certificate, errors, Authorities);
        }
        return options;
    }

    /// <summary>An endpoint for people.</summary>
    public static string Describe(EndPoint endPoint) =>
        endPoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endPoint.ToString() ?? string.Empty;

    private static string Describe(IEnumerable<EndPoint> endPoints) => string.Join(", ", endPoints.Select(Describe));

    private static X509Certificate2Collection Load(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw Wrong($"ca: {file} cannot be read: {e.Message}");
        }
        return authorities.Count > 0 ? authorities : throw Wrong($"ca: {file} holds no certificate in PEM form");
    }

    private static StartupException Wrong(string what) => new($"recorder.redis: {what}");
}
