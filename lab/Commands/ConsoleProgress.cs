namespace Appliance.Lab.Commands;

/// <summary>Shows progress as lines on standard error, in order and at once.</summary>
internal sealed class ConsoleProgress : IProgress<string>
{
    /// <inheritdoc/>
    public void Report(string value) => Console.Error.WriteLine($"{value} …");
}
