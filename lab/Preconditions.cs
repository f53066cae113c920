using Appliance.Lab.Namespaces;

namespace Appliance.Lab;

/// <summary>What a lab needs of the machine.</summary>
internal static class Preconditions
{
    private static readonly (string Program, string Package)[] Tools =
        [("ip", "iproute2"), ("nft", "nftables"), ("setsid", "util-linux")];

    /// <summary>Checks rights and programs.</summary>
    /// <exception cref="LabException">Something is missing; the message holds the remedy.</exception>
    public static void Check()
    {
        if (NativeMethods.EffectiveUserId() != 0)
        {
            throw new LabException(LabFailure.NotRoot, "A lab is made of network namespaces, which need root: run it with sudo.");
        }

        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        foreach (var (program, package) in Tools)
        {
            if (!directories.Any(directory => File.Exists(Path.Combine(directory, program))))
            {
                throw new LabException(LabFailure.MissingTool, $"'{program}' is not in PATH. Install it: apt-get install {package}");
            }
        }
    }
}
