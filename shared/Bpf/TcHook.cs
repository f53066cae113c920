namespace Appliance.Bpf;

/// <summary>
/// A program attached to a device's traffic-control hook (clsact, cls_bpf in direct-action mode).
/// The attachment belongs to the device, not to this process: when the process is killed the programs go on, so a node
/// stays silent by its lease and a gateway keeps forwarding and fencing. <see cref="Dispose"/> detaches.
/// </summary>
public sealed unsafe class TcHook : IDisposable
{
    /// <summary>Our place among a device's filters: other programs keep theirs.</summary>
    public const uint Priority = 8201;

    private const uint Handle = 1;
    private const int NoEntry = 2;
    private const int Exists = 17;
    private const int Invalid = 22;

    private readonly int _ifindex;
    private readonly TcDirection _direction;
    private bool _attached;

    private TcHook(int ifindex, TcDirection direction)
    {
        _ifindex = ifindex;
        _direction = direction;
        _attached = true;
    }

    /// <summary>Id of the program that a crashed run left at our place, or null.</summary>
    public static uint? FindLeftover(int ifindex, TcDirection direction)
    {
        BpfMessages.EnsureCaptured();
        var hook = LibBpf.TcHookNative.For(ifindex, direction);
        var options = Place();
        return LibBpf.TcQuery(&hook, &options) == 0 ? options.ProgramId : null;
    }

    /// <summary>Removes what a crashed run left at our place; nothing happens when there is nothing.</summary>
    public static void RemoveLeftover(int ifindex, TcDirection direction)
    {
        if (FindLeftover(ifindex, direction) is not null)
        {
            new TcHook(ifindex, direction).Dispose();
        }
    }

    /// <summary>Attaches a program of a loaded object.</summary>
    /// <exception cref="BpfException">EEXIST when our place is taken: see <see cref="FindLeftover"/>.</exception>
    /// <param name="obj">The object.</param>
    /// <param name="program">Name of the program.</param>
    /// <param name="ifindex">Kernel index of the device.</param>
    /// <param name="direction">Which hook.</param>
    /// <param name="replace">Put it in the place of a program that is there, in one step.</param>
    public static TcHook Attach(BpfObject obj, string program, int ifindex, TcDirection direction, bool replace = false)
    {
        const uint Replace = 1; // BPF_TC_F_REPLACE
        BpfMessages.EnsureCaptured();
        var both = LibBpf.TcHookNative.For(ifindex, direction);
        var created = LibBpf.TcHookCreate(&both);
        if (created is < 0 and not -Exists)
        {
            throw new BpfException($"create the clsact hook for {program}", -created, BpfMessages.Take());
        }
        var options = Place();
        options.ProgramFd = obj.ProgramFd(program);
        options.Flags = replace ? Replace : 0;
        var hook = LibBpf.TcHookNative.For(ifindex, direction);
        var result = LibBpf.TcAttach(&hook, &options);
        return result == 0
            ? new TcHook(ifindex, direction)
            : throw new BpfException($"attach {program}", -result, BpfMessages.Take());
    }

    /// <summary>Leaves the program where it is, for a successor.</summary>
    public void Leave() => _attached = false;

    /// <summary>Detaches. The device may be gone already: then there is nothing to do.</summary>
    public void Dispose()
    {
        if (!_attached)
        {
            return;
        }
        _attached = false;
        var hook = LibBpf.TcHookNative.For(_ifindex, _direction);
        var options = Place();
        var result = LibBpf.TcDetach(&hook, &options);
        if (result is < 0 and not -NoEntry and not -Invalid and not -19)
        {
            throw new BpfException("detach a program", -result, BpfMessages.Take());
        }
    }

    private static LibBpf.TcOptionsNative Place() =>
        new() { Size = (nuint)sizeof(LibBpf.TcOptionsNative), Handle = Handle, Priority = Priority };
}
