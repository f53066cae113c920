namespace Appliance.Cli;

/// <summary>How a command ends; scripts may rely on these.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The gateway refused, and everything is as it was; <c>check</c>: it cannot be started.</summary>
    public const int Refused = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Misused = 2;

    /// <summary>No gateway answers there.</summary>
    public const int Unreachable = 3;

    /// <summary>The token is missing, unknown, or allows too little.</summary>
    public const int Unauthorized = 4;

    /// <summary><c>check</c>: it can be started, but something would be worse than it could be.</summary>
    public const int Warned = 5;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>Runs a command; an expected failure becomes a line on standard error and its exit code.</summary>
    internal static async Task<int> OfAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (CliException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
    }
}
