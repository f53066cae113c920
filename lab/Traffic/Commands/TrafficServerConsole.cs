using System.Runtime.InteropServices;
using Appliance.Lab.Traffic.Server;

namespace Appliance.Lab.Traffic.Commands;

/// <summary>Runs the server as a process: SIGTERM and SIGINT end it.</summary>
internal static class TrafficServerConsole
{
    public static int Run(TrafficServerOptions options)
    {
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        return TrafficServer.RunAsync(options, stop.Token).GetAwaiter().GetResult();

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }
}
