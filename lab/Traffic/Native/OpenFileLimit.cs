namespace Appliance.Lab.Traffic.Native;

/// <summary>The limit of open files of this process, one of which each connection takes.</summary>
internal static unsafe class OpenFileLimit
{
    /// <summary>Open files kept free for the runtime, which does not survive having none.</summary>
    private const int Reserve = 256;

    /// <summary>Raises the limit for <paramref name="connections"/> as far as this process may; returns how many fit.</summary>
    public static int Raise(int connections)
    {
        ulong* softAndHard = stackalloc ulong[2];
        ulong wanted = (ulong)(connections + Reserve);
        if (Libc.GetLimit(Libc.LimitOpenFiles, softAndHard) != 0 || softAndHard[0] >= wanted)
        {
            return connections;
        }

        ulong granted = softAndHard[0];
        softAndHard[0] = wanted;
        softAndHard[1] = Math.Max(softAndHard[1], wanted);
        return Libc.SetLimit(Libc.LimitOpenFiles, softAndHard) == 0 ? connections : Math.Max(0, (int)granted - Reserve);
    }
}
