using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// A few commands over a connection of their own: asks sentinels, and finds out in the server's own words why a
/// connection is refused, which StackExchange.Redis does not tell. RESP version 2.
/// </summary>
internal sealed class RespClient : IDisposable
{
    private const int MostBytes = 64 * 1024;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly byte[] _one = new byte[1];

    private RespClient(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
    }

    /// <summary>Connects, with TLS where the settings ask for it.</summary>
    /// <exception cref="SocketException">No connection.</exception>
    /// <exception cref="IOException">The connection broke; also <see cref="System.Security.Authentication.AuthenticationException"/>, from TLS.</exception>
    public static async Task<RespClient> ConnectAsync(EndPoint endPoint, ConnectionSettings settings, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellation);
            Stream stream = new NetworkStream(socket);
            if (settings.Tls)
            {
                var tls = new SslStream(stream);
                var host = settings.TlsHost ?? (endPoint as DnsEndPoint)?.Host ?? (endPoint as IPEndPoint)?.Address.ToString() ?? string.Empty;
                var options = new SslClientAuthenticationOptions { TargetHost = host };
                if (settings.Authorities is { } authorities)
                {
                    options.RemoteCertificateValidationCallback = (_, certificate, _, errors) => TlsTrust.Accepts(certificate, errors, authorities);
                }
                await tls.AuthenticateAsClientAsync(options, cancellation);
                stream = tls;
            }
            return new RespClient(socket, stream);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a command and reads its answer: null, a text, a number as text, or a list of these.</summary>
    /// <exception cref="RespErrorException">The server answered with an error.</exception>
    public async Task<object?> CallAsync(CancellationToken cancellation, params string[] words)
    {
        var request = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{words.Length}\r\n");
        foreach (var word in words)
        {
            request.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        }
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(request.ToString()), cancellation);
        return await ReadAsync(0, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private async Task<object?> ReadAsync(int depth, CancellationToken cancellation)
    {
        var line = await ReadLineAsync(cancellation);
        switch (line.Length > 0 ? line[0] : '\0')
        {
            case '+' or ':':
                return line[1..];
            case '-':
                throw new RespErrorException(line[1..]);
            case '$' when Length(line) is var length:
                if (length < 0)
                {
                    return null;
                }
                var bytes = new byte[length + 2];
                await _stream.ReadExactlyAsync(bytes, cancellation);
                return Encoding.UTF8.GetString(bytes, 0, length);
            case '*' when depth < 4:
                var items = new List<object?>();
                for (var i = Length(line); i > 0; i--)
                {
                    items.Add(await ReadAsync(depth + 1, cancellation));
                }
                return items;
            default:
                throw new IOException("does not speak the Redis protocol");
        }
    }

    private static int Length(string line) =>
        int.TryParse(line.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var length) && length <= MostBytes
            ? length
            : throw new IOException("does not speak the Redis protocol");

    private async Task<string> ReadLineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        while (line.Length < MostBytes)
        {
            await _stream.ReadExactlyAsync(_one, cancellation);
            if (_one[0] == '\n' && line.Length > 0 && line[^1] == '\r')
            {
                return line.ToString(0, line.Length - 1);
            }
            line.Append((char)_one[0]);
        }
        throw new IOException("does not speak the Redis protocol");
    }
}
