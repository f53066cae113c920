using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Appliance.Gateway.Api;

/// <summary>Refuses connections beyond the quota, before anything is read or allocated for them, and says so where that is understood.</summary>
internal static class ConnectionGate
{
    private const string Problem =
        """{"title":"Service Unavailable","status":503,"detail":"Too many connections, of this address or in all: close some, or try again later."}""";

    private static ReadOnlyMemory<byte> Refusal { get; } = Encoding.ASCII.GetBytes(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nRetry-After: 5\r\nConnection: close\r\n"
        + $"Content-Length: {Problem.Length}\r\n\r\n{Problem}");

    /// <summary>To be used before TLS. <paramref name="isSecure"/>: the client awaits TLS, and is not told anything.</summary>
    public static void UseQuota(this ListenOptions endpoint, ConnectionQuota quota, bool isSecure) => endpoint.Use(next => async connection =>
    {
        var from = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (!quota.TryEnter(from))
        {
            await RefuseAsync(connection, isSecure);
            return;
        }
        try
        {
            await next(connection);
        }
        finally
        {
            quota.Leave(from);
        }
    });

    private static async Task RefuseAsync(ConnectionContext connection, bool isSecure)
    {
        if (isSecure)
        {
            connection.Abort();
            return;
        }
        await connection.Transport.Output.WriteAsync(Refusal);
        await connection.Transport.Output.CompleteAsync();
    }
}
