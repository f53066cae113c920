using System.ComponentModel;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Appliance.Lab.Namespaces;

/// <summary>Work inside a named network namespace, without starting a program for it.</summary>
public static class NetworkNamespace
{
    private const string Directory = "/run/netns";

    /// <summary>Whether the name is in use (also by a namespace that was only half made).</summary>
    public static bool Exists(string name) => File.Exists(PathOf(name));

    /// <summary>
    /// Runs <paramref name="work"/> on a thread of its own that has entered the namespace and ends afterwards. Sockets
    /// opened by it stay in that namespace; <c>/proc/thread-self/net</c> and <c>/proc/sys/net</c> show it.
    /// </summary>
    /// <exception cref="LabException">The namespace does not exist or cannot be entered.</exception>
    public static T Run<T>(string name, Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter(name);
                result = work();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    /// <summary>The namespace's identity as <c>/proc/PID/ns/net</c> shows it, or null when it cannot be entered.</summary>
    public static string? TryGetIdentity(string name)
    {
        try
        {
            return Exists(name) ? Run(name, () => new FileInfo("/proc/thread-self/ns/net").LinkTarget) : null;
        }
        catch (LabException)
        {
            return null;
        }
    }

    /// <summary>Writes kernel settings below <c>/proc/sys</c>; those that this kernel lacks are passed over.</summary>
    public static void WriteSysctls(string name, IReadOnlyList<(string Path, string Value)> settings) => Run(name, () =>
    {
        foreach (var (path, value) in settings)
        {
            var file = Path.Combine("/proc/sys", path);
            if (File.Exists(file))
            {
                File.WriteAllText(file, value);
            }
        }

        return true;
    });

    private static string PathOf(string name) => Path.Combine(Directory, name);

    private static void Enter(string name)
    {
        try
        {
            using var descriptor = File.OpenHandle(PathOf(name));
            if (NativeMethods.SetNamespace(descriptor, NativeMethods.CloneNewNet) != 0)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            }
        }
        catch (Exception exception) when (exception is IOException or Win32Exception or UnauthorizedAccessException)
        {
            throw new LabException(LabFailure.NoSuchLab, $"Cannot enter network namespace {name}: {exception.Message}", exception);
        }
    }
}
