using Appliance.Lab.Demo.Reports;

namespace Appliance.Lab.Demo.Views;

/// <summary>Shows a demonstration while it runs.</summary>
public interface IDemoView : IProgress<string>
{
    /// <summary>Says that something is done or begins.</summary>
    void Say(string text);

    /// <summary>Follows one round: what is shown by the other methods meanwhile belongs to it.</summary>
    /// <param name="title">What the round does.</param>
    /// <param name="work">The round.</param>
    Task<T> FollowAsync<T>(string title, Func<Task<T>> work);

    /// <summary>Says what the round does now.</summary>
    void SetPhase(string phase);

    /// <summary>Shows the present state of the traffic.</summary>
    void Show(IReadOnlyList<ProgressItem> items);

    /// <summary>Shows one more step of the failover.</summary>
    void Mark(TimelineStep step);
}
