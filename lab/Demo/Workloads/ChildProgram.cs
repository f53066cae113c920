using System.ComponentModel;
using System.Diagnostics;

namespace Appliance.Lab.Demo.Workloads;

/// <summary>A program whose lines are read while it runs. Disposing kills it.</summary>
internal sealed class ChildProgram : IAsyncDisposable
{
    private const int KeptErrors = 20;

    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly Queue<string> _errors = new();

    private ChildProgram(Process process)
    {
        _process = process;
        Ended = WaitAsync();
    }

    /// <summary>Ends with the program and all its output; holds its exit code.</summary>
    public Task<int> Ended { get; }

    /// <summary>The last lines of standard error, joined.</summary>
    public string Errors
    {
        get
        {
            lock (_lock)
            {
                return string.Join(Environment.NewLine, _errors);
            }
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="onOutput">Gets the lines of standard output, one at a time.</param>
    /// <param name="onError">Gets the lines of standard error, one at a time.</param>
    /// <exception cref="LabException">It cannot be started.</exception>
    public static ChildProgram Start(IReadOnlyList<string> command, Action<string> onOutput, Action<string>? onError = null)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command.Skip(1))
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            process.Dispose();
            throw new LabException(LabFailure.MissingTool, $"Cannot start {command[0]}: {exception.Message}", exception);
        }

        var child = new ChildProgram(process);
        process.OutputDataReceived += (_, line) => Pass(line.Data, onOutput);
        process.ErrorDataReceived += (_, line) => Pass(line.Data, text =>
        {
            child.KeepError(text);
            onError?.Invoke(text);
        });
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Writes a line to its standard input; a program that has ended reads no more, which is no error.</summary>
    public void SendLine(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // Its exit code tells.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await Ended;
        _process.Dispose();
    }

    private static void Pass(string? line, Action<string> receiver)
    {
        if (line is not null)
        {
            receiver(line);
        }
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    private void KeepError(string line)
    {
        lock (_lock)
        {
            _errors.Enqueue(line);
            if (_errors.Count > KeptErrors)
            {
                _errors.Dequeue();
            }
        }
    }
}
