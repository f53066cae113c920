using System.Runtime.InteropServices;
using System.Text;

namespace Appliance.Net;

/// <summary>
/// Kernel settings under /proc/sys. Those below <c>net.</c> are of the calling thread's network namespace (proc_sysctl.c looks
/// them up through the current task).
/// </summary>
/// <remarks>
/// Names are written as for sysctl(8): dots separate, and a dot inside a component, as of interface eth0.100, is written as a
/// slash (<c>net.ipv4.conf.eth0/100.rp_filter</c>); <see cref="ForInterface"/> does so.
/// </remarks>
public static unsafe class Sysctl
{
    private const int LongestValue = 4096; // bytes; a procfs setting is at most a page

    /// <summary>Reads a setting. Inner white space comes as single spaces, so that values compare as text.</summary>
    public static SysctlStatus Read(string name, out string value)
    {
        value = "";
        using var file = new FileDescriptorHandle(LibC.Open(PathOf(name), LibC.O_RDONLY | LibC.O_CLOEXEC));
        if (file.IsInvalid)
        {
            return StatusOf(Marshal.GetLastPInvokeError());
        }

        var buffer = stackalloc byte[LongestValue];
        var length = LibC.Read(file, buffer, LongestValue);
        if (length < 0)
        {
            return StatusOf(Marshal.GetLastPInvokeError());
        }

        value = Normalise(Encoding.UTF8.GetString(buffer, (int)length));
        return SysctlStatus.Ok;
    }

    /// <summary>Reads a setting; empty when it cannot be read.</summary>
    public static string ReadOrEmpty(string name) => Read(name, out var value) == SysctlStatus.Ok ? value : string.Empty;

    /// <summary>Would <see cref="Write"/> succeed, as far as one can tell without writing?</summary>
    public static SysctlStatus Probe(string name, string value)
    {
        if (Has(name, value))
        {
            return SysctlStatus.Ok;
        }
        using var file = new FileDescriptorHandle(LibC.Open(PathOf(name), LibC.O_WRONLY | LibC.O_CLOEXEC));
        return file.IsInvalid ? StatusOf(Marshal.GetLastPInvokeError()) : SysctlStatus.Ok;
    }

    /// <summary>Writes a setting; one that has the value already is <see cref="SysctlStatus.Ok"/> even when it is not writable.</summary>
    public static SysctlStatus Write(string name, string value)
    {
        if (Has(name, value))
        {
            return SysctlStatus.Ok;
        }

        using var file = new FileDescriptorHandle(LibC.Open(PathOf(name), LibC.O_WRONLY | LibC.O_CLOEXEC));
        if (file.IsInvalid)
        {
            return StatusOf(Marshal.GetLastPInvokeError());
        }

        var bytes = Encoding.UTF8.GetBytes(value);
        fixed (byte* start = bytes)
        {
            return LibC.Write(file, start, (nuint)bytes.Length) == bytes.Length
                ? SysctlStatus.Ok
                : StatusOf(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>The name of an interface's setting, for example <c>net.ipv4.conf.eth0.rp_filter</c>.</summary>
    /// <param name="family"><c>ipv4</c> or <c>ipv6</c>.</param>
    /// <param name="interfaceName">Interface name, which may contain dots.</param>
    /// <param name="setting">Last component of the name.</param>
    public static string ForInterface(string family, string interfaceName, string setting) =>
        $"net.{family}.conf.{interfaceName.Replace('.', '/')}.{setting}";

    /// <summary>The file of a setting.</summary>
    /// <exception cref="ArgumentException">The name would leave /proc/sys.</exception>
    public static string PathOf(string name)
    {
        var path = string.Create(name.Length, name, static (path, name) =>
        {
            for (var i = 0; i < path.Length; i++)
            {
                path[i] = name[i] switch { '.' => '/', '/' => '.', var other => other };
            }
        });
        if (path.Split('/').Any(static part => part is "" or "." or ".."))
        {
            throw new ArgumentException($"'{name}' is not the name of a kernel setting.", nameof(name));
        }

        return "/proc/sys/" + path;
    }

    private static bool Has(string name, string value) =>
        Read(name, out var present) == SysctlStatus.Ok && string.Equals(present, Normalise(value), StringComparison.Ordinal);

    private static string Normalise(string value) =>
        string.Join(' ', value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static SysctlStatus StatusOf(int errno) => errno switch
    {
        Errno.ENOENT or Errno.ENOTDIR or Errno.ENODEV => SysctlStatus.Missing,
        Errno.EPERM or Errno.EACCES or Errno.EROFS => SysctlStatus.NotWritable,
        _ => SysctlStatus.Refused,
    };
}
