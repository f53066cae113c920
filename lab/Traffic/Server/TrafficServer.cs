using System.ComponentModel;
using System.Net;
using Appliance.Lab.Traffic.Native;

namespace Appliance.Lab.Traffic.Server;

/// <summary>
/// An ordinary TCP server for the lab: one port echoes, one streams (<c>GET</c>, <c>PUT</c>). What it sends on a
/// connection depends on nothing but the bytes it received there, so two of them fed alike answer alike.
/// </summary>
public static class TrafficServer
{
    /// <summary>Listens until cancelled. Returns the exit code: 0, or 1 when a port cannot be had.</summary>
    public static async Task<int> RunAsync(TrafficServerOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int maxConnections = OpenFileLimit.Raise(options.MaxConnections);
        try
        {
            using TcpSocket echo = Listen(options, options.EchoPort, nonBlocking: true);
            using TcpSocket stream = Listen(options, options.StreamPort, nonBlocking: false);
            using var echoLoop = new EchoServerLoop(echo, maxConnections - options.MaxStreams);
            using var streamServer = new StreamServer(stream, options.MaxStreams, options.FlipEvery);
            await Console.Out.WriteLineAsync($"listening on ports {echo.LocalPort} (echo) and {stream.LocalPort} (streams)");
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            Task echoing = LongRunning.Start("echo", () => echoLoop.Run(stop.Token));
            Task streaming = LongRunning.Start("accept", () => streamServer.Run(stop.Token));
            await Task.WhenAny(echoing, streaming);
            await stop.CancelAsync();
            await Task.WhenAll(echoing, streaming);
            return 0;
        }
        catch (Win32Exception exception)
        {
            await Console.Error.WriteLineAsync($"traffic-server: {exception.Message}");
            return 1;
        }
    }

    private static TcpSocket Listen(TrafficServerOptions options, int port, bool nonBlocking)
    {
        try
        {
            return TcpSocket.Listen(new IPEndPoint(options.Address, port), options.Backlog, nonBlocking);
        }
        catch (Win32Exception exception)
        {
            throw new Win32Exception(exception.NativeErrorCode, $"cannot listen on {options.Address} port {port}: {exception.Message}");
        }
    }
}
