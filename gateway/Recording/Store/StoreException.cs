using System.Net.Sockets;
using System.Security.Authentication;
using StackExchange.Redis;

namespace Appliance.Gateway.Recording.Store;

/// <summary>Why the store does not work, for programs and for people.</summary>
internal sealed class StoreException(StoreTrouble trouble, string reason, Exception? inner = null) : Exception(reason, inner)
{
    /// <summary>For programs.</summary>
    public StoreTrouble Trouble => trouble;

    /// <summary>Does the trouble end at the server, so that the connection should be kept?</summary>
    public bool KeepsConnection => trouble is StoreTrouble.Full or StoreTrouble.Slow;

    /// <summary>From whatever a call to a server threw.</summary>
    public static StoreException From(Exception exception, string endpoint, TimeSpan timeout) => exception switch
    {
        StoreException known => known,
        Host.StartupException => new(StoreTrouble.Other, exception.Message, exception),
        RespErrorException or RedisServerException => FromAnswer(exception, endpoint),
        TimeoutException or OperationCanceledException or RedisTimeoutException => new(
            StoreTrouble.Slow, $"{endpoint} has not answered within {Configuration.Durations.Format(timeout)}: see whether it hangs, or raise recorder.timeout", exception),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => new(
            StoreTrouble.Unreachable, $"{endpoint} refuses connections: start the server, or mend recorder.redis", exception),
        AuthenticationException => new(
            StoreTrouble.Auth, $"{endpoint}: TLS failed: {exception.Message} Trust its authority with ca=FILE, name its certificate with sslHost=NAME", exception),
        SocketException or IOException or ObjectDisposedException => new(
            StoreTrouble.Unreachable, $"{endpoint} cannot be reached: {exception.Message}", exception),
        RedisConnectionException => new(
            StoreTrouble.Unreachable, $"{endpoint}: the connection is gone ({((RedisConnectionException)exception).FailureType})", exception),
        _ => new(StoreTrouble.Other, $"{endpoint}: {exception.Message}", exception),
    };

    private static StoreException FromAnswer(Exception exception, string endpoint)
    {
        var text = exception.Message;
        var (trouble, remedy) = text.Split(' ', 2)[0] switch
        {
            "OOM" => (StoreTrouble.Full, "raise its maxmemory, or lower recorder.windowBytes"),
            "READONLY" => (StoreTrouble.ReadOnly, "name the master, or the Sentinel group with serviceName=NAME"),
            "MISCONF" => (StoreTrouble.ReadOnly, "mend its disk, or let it not save"),
            "NOAUTH" => (StoreTrouble.Auth, "write password=… into recorder.redis"),
            "WRONGPASS" => (StoreTrouble.Auth, "mend the password in recorder.redis"),
            "NOPERM" => (StoreTrouble.Auth, "allow its default user every command on the prefix's keys"),
            "LOADING" => (StoreTrouble.Unreachable, "it is starting"),
            "CLUSTERDOWN" or "MASTERDOWN" => (StoreTrouble.Unreachable, "mend the cluster"),
            "ERR" when text.Contains("password", StringComparison.OrdinalIgnoreCase) => (StoreTrouble.Auth, "mend the password in recorder.redis"),
            "ERR" when text.Contains("max number of clients", StringComparison.Ordinal) => (StoreTrouble.Unreachable, "raise its maxclients"),
            _ => (StoreTrouble.Other, "see the server's log"),
        };
        return new StoreException(trouble, $"{endpoint}: {text}: {remedy}", exception);
    }
}
