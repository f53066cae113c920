using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using Appliance.Configuration;

namespace Appliance.Node.Servers;

/// <summary>Asks a server once, in one of three ways.</summary>
public sealed class ProbeAttempt : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.Zero, // each attempt needs what a new client would need
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Asks.</summary>
    /// <returns>Null when the server is well; else what is wrong.</returns>
    /// <exception cref="OperationCanceledException">The caller has given up.</exception>
    public async Task<string?> TryAsync(ProbeOptions probe, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(probe.Timeout);
        try
        {
            return probe switch
            {
                { Tcp: not null } => await ConnectAsync(probe, limit.Token),
                { Http: not null } => await GetAsync(probe, limit.Token),
                _ => await RunAsync(probe, limit.Token),
            };
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return $"no answer within {Durations.Format(probe.Timeout)}";
        }
        catch (Exception e) when (e is SocketException or HttpRequestException or Win32Exception or IOException)
        {
            return e.Message;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static async Task<string?> ConnectAsync(ProbeOptions probe, CancellationToken limit)
    {
        using var socket = new Socket(probe.Tcp!.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(probe.Tcp, limit);
        return null;
    }

    private static async Task<string?> RunAsync(ProbeOptions probe, CancellationToken limit)
    {
        using var process = Process.Start(new ProcessStartInfo(probe.Command[0], probe.Command.Skip(1))
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        })!;
        try
        {
            process.StandardInput.Close();
            var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(limit), process.StandardError.ReadToEndAsync(limit));
            await process.WaitForExitAsync(limit);
            return process.ExitCode == 0 ? null : $"exit code {process.ExitCode}: {string.Join(' ', await said).Trim()}";
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private async Task<string?> GetAsync(ProbeOptions probe, CancellationToken limit)
    {
        using var answer = await _http.GetAsync(probe.Http, limit);
        return (int)answer.StatusCode is >= 200 and < 400 ? null : $"status {(int)answer.StatusCode}";
    }
}
