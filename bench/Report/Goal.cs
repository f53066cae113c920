namespace Appliance.Bench.Report;

/// <summary>A goal and what became of it.</summary>
/// <param name="Text">What is measured.</param>
/// <param name="Measured">The value; null or not a number when it could not be had.</param>
/// <param name="Comparison">Which side of the limit is good.</param>
/// <param name="Limit">The limit, which itself is good.</param>
/// <param name="Unit">Unit of both; empty for counts and ratios.</param>
public sealed record Goal(string Text, double? Measured, GoalComparison Comparison, double Limit, string Unit)
{
    /// <summary>It has nothing to do with how fast a machine is: a bench that misses it has failed.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether it is reached. What could not be measured is not.</summary>
    public bool IsMet => Measured is { } value && (Comparison == GoalComparison.AtMost ? value <= Limit : value >= Limit);

    /// <summary>The goal in words, for example <c>≤ 60 ms</c>.</summary>
    public string Target => $"{(Comparison == GoalComparison.AtMost ? '≤' : '≥')} {Format.Number(Limit)}{Suffix}";

    /// <summary>The value in words.</summary>
    public string Outcome => Measured is { } value && !double.IsNaN(value) ? Format.Number(value) + Suffix : "not measured";

    private string Suffix => Unit.Length == 0 ? "" : $" {Unit}";

    /// <summary>A goal that is a ceiling.</summary>
    public static Goal AtMost(string text, double? measured, double limit, string unit = "") =>
        new(text, measured, GoalComparison.AtMost, limit, unit);

    /// <summary>What must never happen.</summary>
    public static Goal None(string text, double? measured, string unit = "") =>
        new(text, measured, GoalComparison.AtMost, 0, unit) { IsRequired = true };

    /// <summary>A goal that is a floor.</summary>
    public static Goal AtLeast(string text, double? measured, double limit, string unit = "") =>
        new(text, measured, GoalComparison.AtLeast, limit, unit);
}
