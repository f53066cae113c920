namespace Appliance.Cli.Checks;

/// <summary>Finds the configuration of this machine, and whose it is.</summary>
internal static class ConfigurationFile
{
    private const string Folder = "/etc/appliance";

    private static readonly string[] s_names = ["gateway.yaml", "node.yaml"];

    /// <summary>The one that is there.</summary>
    /// <exception cref="CliException">There is none, or more than one.</exception>
    public static string Find()
    {
        string[] there = [.. s_names.Select(name => Path.Combine(Folder, name)).Where(File.Exists)];
        return there switch
        {
            [var only] => only,
            [] => throw new CliException(ExitCode.Misused, $"There is no configuration in {Folder}. Name one with --config."),
            _ => throw new CliException(ExitCode.Misused, $"{string.Join(" and ", there)} are there. Name one with --config."),
        };
    }

    /// <summary>The gateway's file names the nodes, a node's names itself.</summary>
    /// <exception cref="CliException">It says neither.</exception>
    public static CheckRole RoleOf(string file)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Misused, $"--config: {e.Message}", e);
        }
        return Has("nodes") ? CheckRole.Gateway
            : Has("name") || Has("nextHops") ? CheckRole.Primary
            : throw new CliException(ExitCode.Misused, $"{file} is neither a gateway's configuration (nodes) nor a node's (name). Say whose with --role.");

        bool Has(string setting) => lines.Any(line => line.StartsWith($"{setting}:", StringComparison.Ordinal));
    }
}
