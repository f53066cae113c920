using System.ComponentModel;
using System.Diagnostics;

namespace Appliance.Lab.Processes;

/// <summary>Runs programs of the system to their end, with a limit of time.</summary>
public static class CommandRunner
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Runs a program and collects its output. It is killed when the time is up or the token is cancelled.</summary>
    /// <exception cref="LabException">The program is missing or did not end in time.</exception>
    public static async Task<CommandResult> RunAsync(
        IReadOnlyList<string> command,
        string? input = null,
        TimeSpan? timeout = null,
        CancellationToken cancellation = default)
    {
        using var process = Start(command);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout ?? DefaultTimeout);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await WriteInputAsync(process, input, limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new CommandResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new LabException(LabFailure.CommandFailed, $"'{string.Join(' ', command)}' did not end in time.");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Runs a program that has to succeed.</summary>
    /// <exception cref="LabException">It did not; the message holds what it said.</exception>
    public static async Task<CommandResult> RequireAsync(
        IReadOnlyList<string> command,
        string? input = null,
        CancellationToken cancellation = default)
    {
        var result = await RunAsync(command, input, timeout: null, cancellation);
        return result.ExitCode == 0
            ? result
            : throw new LabException(LabFailure.CommandFailed, $"'{string.Join(' ', command)}' failed: {result.Error.Trim()}");
    }

    private static Process Start(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new LabException(LabFailure.MissingTool, $"Cannot start {command[0]}: {exception.Message}", exception);
        }
    }

    private static async Task WriteInputAsync(Process process, string? input, CancellationToken cancellation)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellation);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading; its exit code tells.
        }
    }
}
