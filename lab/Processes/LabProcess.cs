using System.ComponentModel;
using System.Diagnostics;

namespace Appliance.Lab.Processes;

/// <summary>
/// A program started in a session of its own, with output going to a file: it outlives the lab tool unless it is
/// ended. Disposing the handle leaves the program running.
/// </summary>
public sealed class LabProcess : IDisposable
{
    private readonly Process _process;

    private LabProcess(Process process, string logFile)
    {
        _process = process;
        LogFile = logFile;
    }

    /// <summary>The program's process id.</summary>
    public int Pid => _process.Id;

    /// <summary>Where its standard output and standard error go.</summary>
    public string LogFile { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Its exit code, once it has ended; 128 + n when signal n ended it.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts a program; output is appended to the log file.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="logFile">Full path of the log file.</param>
    /// <param name="environment">Variables to set on top of the present ones.</param>
    public static LabProcess Start(
        IReadOnlyList<string> command,
        string logFile,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        // The shell redirects and then becomes setsid, which becomes the program: the process id stays the same.
        string[] arguments = ["-c", "exec setsid \"$@\" >>\"$0\" 2>&1 </dev/null", logFile, .. command];
        var start = new ProcessStartInfo("/bin/sh", arguments);
        start.Environment.TryAdd("DOTNET_EnableDiagnostics", "0"); // a runtime that is killed would leave its diagnostic port in /tmp
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        try
        {
            return new LabProcess(Process.Start(start)!, logFile);
        }
        catch (Win32Exception exception)
        {
            throw new LabException(LabFailure.MissingTool, $"Cannot start {command[0]}: {exception.Message}", exception);
        }
    }

    /// <summary>Sends a signal to the program alone.</summary>
    public void Signal(UnixSignal signal)
    {
        if (!_process.HasExited)
        {
            ProcessTable.Signal(Pid, signal);
        }
    }

    /// <summary>Waits until the program has ended and returns its exit code.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellation = default)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    /// <summary>Ends the program: SIGTERM, and SIGKILL when that was not enough within <paramref name="grace"/>.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        Signal(UnixSignal.Terminate);
        using var limit = new CancellationTokenSource(grace);
        try
        {
            await WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Signal(UnixSignal.Kill);
            await WaitAsync(CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();
}
