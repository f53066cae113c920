namespace Appliance.Bench.Report;

/// <summary>How a measured value relates to its goal.</summary>
public enum GoalComparison
{
    /// <summary>Not more than the limit.</summary>
    AtMost,

    /// <summary>Not less than the limit.</summary>
    AtLeast,
}
