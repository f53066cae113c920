namespace Appliance.Host;

/// <summary>A daemon's command line.</summary>
/// <param name="ConfigFile">Path of the configuration.</param>
/// <param name="ReplaceHooks">Remove what a crashed run left on the LAN interface instead of refusing to start.</param>
/// <param name="IsCheck">Find out what a start would need, and tell.</param>
public sealed record DaemonArguments(string ConfigFile, bool ReplaceHooks, bool IsCheck = false)
{
    /// <summary>Reads the arguments; <paramref name="error"/> names the one that is wrong.</summary>
    public static bool TryParse(ReadOnlySpan<string> args, out DaemonArguments arguments, out string error)
    {
        arguments = new DaemonArguments(string.Empty, ReplaceHooks: false);
        error = string.Empty;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--config" when i + 1 < args.Length:
                    arguments = arguments with { ConfigFile = args[++i] };
                    break;
                case "--config":
                    error = "--config needs a file";
                    return false;
                case "--replace-hooks":
                    arguments = arguments with { ReplaceHooks = true };
                    break;
                case "--check":
                    arguments = arguments with { IsCheck = true };
                    break;
                default:
                    error = $"unknown argument '{args[i]}'";
                    return false;
            }
        }
        error = arguments.ConfigFile.Length == 0 ? "--config FILE is missing" : string.Empty;
        return error.Length == 0;
    }
}
