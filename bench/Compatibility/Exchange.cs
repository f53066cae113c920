namespace Appliance.Bench.Compatibility;

/// <summary>One question and its answer.</summary>
/// <param name="Question">The question, in Latin-1.</param>
/// <param name="IsWhole">Whether an answer is complete.</param>
/// <param name="IsRight">Whether a complete answer is the right one.</param>
public sealed record Exchange(string Question, Func<string, bool> IsWhole, Func<string, bool> IsRight)
{
    /// <summary>An answer that is known.</summary>
    public static Exchange Of(string question, string answer) => new(question, text => text.Length >= answer.Length, text => string.Equals(text, answer, StringComparison.Ordinal));

    /// <summary>An answer of one line that begins as it must.</summary>
    public static Exchange Line(string question, string start) => new(question, static text => text.EndsWith('\n'), text => text.StartsWith(start, StringComparison.Ordinal));
}
