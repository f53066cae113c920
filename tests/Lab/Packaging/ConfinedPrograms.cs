using Appliance.Lab.Daemons;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Packaging;

/// <summary>
/// The appliance's programs, confined as their units ask systemd to: another user, the units' capabilities and no others, no
/// new privileges, a file system that cannot be written but for the data directory, and /dev/net/tun as on any machine with udev.
/// </summary>
internal sealed class ConfinedPrograms : IDisposable
{
    private const int User = 65534;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("appliance-confined-");

    /// <summary>Writes a wrapper for each program.</summary>
    /// <param name="without">A capability that the gateway's lacks nevertheless.</param>
    public ConfinedPrograms(string? without = null)
    {
        foreach (var host in DaemonProgram.Hosts)
        {
            var program = DaemonProgram.Find(host, DaemonProgram.DefaultPrograms());
            var unit = Path.GetFileName(program);
            var capabilities = Capabilities(unit, "CapabilityBoundingSet").Where(c => host != LabHost.Gateway || c != without).ToList();
            Assert.IsEmpty(capabilities.Except(Capabilities(unit, "AmbientCapabilities")), "another user has the ambient ones alone");
            Write(Path.Combine(_root.FullName, Path.GetRelativePath(DaemonProgram.DefaultPrograms(), program)), Script(program, string.Join(',', capabilities.Prepend("-all"))));
        }
    }

    /// <summary>The directory to start programs from.</summary>
    public string Location => _root.FullName;

    /// <inheritdoc/>
    public void Dispose() => _root.Delete(recursive: true);

    private static IEnumerable<string> Capabilities(string unit, string setting) =>
        UnitFile.Values(unit, setting).Select(name => $"+{name["CAP_".Length..].ToLowerInvariant()}");

    /// <summary>Called as <c>PROGRAM --config FILE …</c>; the lab's directory is the file's.</summary>
    private static string Script(string program, string capabilities) => $$"""
        #!/bin/sh
        set -e
        lab=$(dirname "$2")
        [ "$UNSHARED" ] || UNSHARED=1 exec unshare --mount --propagation private "$0" "$@"
        mkdir -p "$lab/gateway"
        chown -R {{User}} "$lab/control.key" "$lab/gateway"
        mount --bind "$lab/gateway" "$lab/gateway"
        mkdir -p /dev/net
        mount -t tmpfs -o mode=755 none /dev/net
        mknod -m 666 /dev/net/tun c 10 200
        mount -o remount,bind,ro /
        exec setpriv --reuid={{User}} --regid={{User}} --clear-groups --no-new-privs \
            --bounding-set={{capabilities}} --inh-caps={{capabilities}} --ambient-caps={{capabilities}} {{program}} "$@"

        """;

    private static void Write(string file, string script)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, script);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
