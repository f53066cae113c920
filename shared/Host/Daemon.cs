using System.Runtime.InteropServices;
using Appliance.Host.Checks;
using Appliance.Native;
using Microsoft.Extensions.Logging;

namespace Appliance.Host;

/// <summary>What the three programs have in common: arguments, signals, logging, and how a failed start ends.</summary>
public static class Daemon
{
    /// <summary>Exit code of a start that failed for a reason that the operator can mend.</summary>
    public const int StartFailed = 2;

    /// <summary>
    /// Runs a daemon until SIGINT, SIGTERM or SIGHUP. Usage: <c>PROGRAM --config FILE [--replace-hooks | --check]</c>.
    /// Reasons for a failed start go to standard error, one line each; the exit code is then 2.
    /// </summary>
    /// <param name="program">Its name.</param>
    /// <param name="args">Its command line.</param>
    /// <param name="load">Reads the configuration.</param>
    /// <param name="check">Finds out whether the machine has what a start needs.</param>
    /// <param name="run">Does the work.</param>
    public static async Task<int> RunAsync<T>(
        string program, string[] args, Func<string, T> load, Func<T, Checklist, Task> check, Func<T, DaemonArguments, ILoggerFactory, Shutdown, Task> run)
    {
        if (!DaemonArguments.TryParse(args, out var arguments, out var error))
        {
            await Console.Error.WriteLineAsync($"{program}: {error}\nusage: {program} --config FILE [--replace-hooks | --check]");
            return StartFailed;
        }
        if (arguments.IsCheck)
        {
            var report = await CheckReport.MakeAsync(program, arguments.ConfigFile, load, check);
            Console.WriteLine(report);
            return report.Result == Severity.Error ? StartFailed : 0;
        }
        using var compilation = new DeferredCompilation();
        using var stop = new Shutdown();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        HangUp.Restore();
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        using var logging = LoggerFactory.Create(b => b
            .AddSimpleConsole(o =>
            {
                o.SingleLine = true;
                o.UseUtcTimestamp = true;
                o.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                o.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
            })
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error) // that its keys end with the process, when that has no home
            .AddFilter("Yarp", LogLevel.Error) // it tells of every probe, and of a node that is down every time
            .SetMinimumLevel(LogLevel.Information));
        try
        {
            await run(load(arguments.ConfigFile), arguments, logging, stop);
            return 0;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (Checklist.IsReason(e))
        {
            foreach (var line in e.Message.Split('\n'))
            {
                await Console.Error.WriteLineAsync($"{program}: {line}");
            }
            return StartFailed;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            ServiceManager.Stopping();
            stop.Order(isHandover: context.Signal == PosixSignal.SIGHUP);
        }
    }
}
