using Appliance.Lab.Processes;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Support;

/// <summary>Servers as Debian packs them.</summary>
internal static class DebianServer
{
    /// <summary>Ends the test without a verdict when a program is not installed.</summary>
    /// <param name="program">Full path; a star stands for any version.</param>
    /// <param name="package">What brings it.</param>
    /// <returns>The program's path, of the latest version.</returns>
    public static string Require(string program, string package)
    {
        var star = program.IndexOf('*', StringComparison.Ordinal);
        IEnumerable<string> candidates = star < 0 || !Directory.Exists(program[..star])
            ? [program]
            : Directory.EnumerateDirectories(program[..star]).Select(version => version + program[(star + 1)..]);
        var found = candidates.OrderDescending(StringComparer.Ordinal).FirstOrDefault(File.Exists);
        if (found is null)
        {
            Assert.Inconclusive($"{program} is missing: apt-get install {package}");
        }

        return found;
    }

    /// <summary>The command that runs another one as a user of the system.</summary>
    public static string[] As(string user, params string[] command) =>
        ["setpriv", $"--reuid={user}", $"--regid={user}", "--init-groups", .. command];

    /// <summary>Makes a directory that belongs to a user.</summary>
    public static async Task<string> DirectoryOfAsync(string user, string path)
    {
        await CommandRunner.RequireAsync(["install", "-d", "-o", user, "-g", user, "-m", "700", path]);
        return path;
    }
}
