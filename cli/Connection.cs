using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Appliance.Cli;

/// <summary>Options that every command has: which gateway, and as whom.</summary>
internal sealed class Connection
{
    private readonly Func<Uri> _defaultApi;

    private readonly Option<Uri?> _api = new("--api")
    {
        Description = "The gateway's REST interface (default: $APPLIANCE_API, a lab's, or http://127.0.0.1:8080)",
        HelpName = "URL",
        CustomParser = ParseUrl,
    };

    private readonly Option<FileInfo?> _tokenFile = new("--token-file") { Description = "File with the token (default: the token in $APPLIANCE_TOKEN)", HelpName = "FILE" };

    private readonly Option<FileInfo?> _certificate = new("--certificate") { Description = "Trust this certificate of an https interface (PEM)", HelpName = "FILE" };

    private readonly Option<bool> _json = new("--json") { Arity = ArgumentArity.Zero, Description = "Print what the gateway answers, as JSON" };

    public Connection(Func<Uri> defaultApi) => _defaultApi = defaultApi;

    /// <summary>Makes a command of work with the gateway; its result is the exit code.</summary>
    public Command Command(string name, string description, IEnumerable<Symbol> symbols, Func<GatewayClient, ParseResult, bool, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description) { _api, _tokenFile, _certificate, _json };
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }
        command.SetAction((parsed, cancellation) => ExitCode.OfAsync(async () =>
        {
            using var client = Client(parsed);
            return await run(client, parsed, parsed.GetValue(_json), cancellation);
        }));
        return command;
    }

    /// <summary>The gateway that a command line names.</summary>
    /// <exception cref="CliException">It cannot be used.</exception>
    public GatewayClient Client(ParseResult parsed) =>
        new(parsed.GetValue(_api) ?? ApiOfEnvironment() ?? _defaultApi(), Token(parsed.GetValue(_tokenFile)), Certificate(parsed.GetValue(_certificate)));

    private static Uri? ApiOfEnvironment() => Environment.GetEnvironmentVariable("APPLIANCE_API") is { Length: > 0 } text
        ? TryUrl(text) ?? throw new CliException(ExitCode.Misused, $"APPLIANCE_API: '{text}' is no URL: write for example http://127.0.0.1:8080.")
        : null;

    private static string? Token(FileInfo? file)
    {
        if (file is null)
        {
            return Environment.GetEnvironmentVariable("APPLIANCE_TOKEN") is { Length: > 0 } token ? token.Trim() : null;
        }
        return Read("--token-file", () => File.ReadAllText(file.FullName).Trim());
    }

    private static X509Certificate2? Certificate(FileInfo? file) =>
        file is null ? null : Read("--certificate", () => X509Certificate2.CreateFromPem(File.ReadAllText(file.FullName)));

    private static T Read<T>(string option, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CliException(ExitCode.Misused, $"{option}: {e.Message}", e);
        }
    }

    private static Uri? TryUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    private static Uri? ParseUrl(ArgumentResult result)
    {
        var url = TryUrl(result.Tokens[0].Value);
        if (url is null)
        {
            result.AddError($"'{result.Tokens[0].Value}' is no URL: write for example http://127.0.0.1:8080.");
        }
        return url;
    }
}
