namespace Appliance.Lab.Commands;

/// <summary>Turns expected failures into one line on standard error and an exit code.</summary>
internal static class CommandGuard
{
    private const int Failed = 1;
    private const int Misused = 2;
    private const int Interrupted = 130;

    /// <summary>Runs a command's work; its result is the exit code.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (LabException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return exception.Failure is LabFailure.NoSuchLab or LabFailure.UnknownHost or LabFailure.InvalidArgument ? Misused : Failed;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Interrupted.");
            return Interrupted;
        }
    }
}
