namespace Appliance.Lab.Traffic.Native;

/// <summary>The error numbers of Linux that the traffic programs tell apart.</summary>
internal static class Errno
{
    public const int Interrupted = 4;
    public const int WouldBlock = 11;
    public const int AlreadyConnecting = 114;
    public const int ConnectInProgress = 115;
}
