using Appliance.Lab.Demo.Reports;

namespace Appliance.Lab.Demo.Views;

/// <summary>Plain lines, for files, pipes and programs: the traffic once a second.</summary>
/// <param name="output">Where they go.</param>
/// <param name="time">The clock.</param>
public sealed class PlainView(TextWriter output, TimeProvider time) : IDemoView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long? _shownAt;

    /// <inheritdoc/>
    public void Report(string value) => output.WriteLine($"{value} …");

    /// <inheritdoc/>
    public void Say(string text) => output.WriteLine(text);

    /// <inheritdoc/>
    public Task<T> FollowAsync<T>(string title, Func<Task<T>> work)
    {
        output.WriteLine(title);
        _shownAt = null;
        return work();
    }

    /// <inheritdoc/>
    public void SetPhase(string phase) => output.WriteLine($"{phase} …");

    /// <inheritdoc/>
    public void Show(IReadOnlyList<ProgressItem> items)
    {
        if (items.Count == 0 || (_shownAt is { } shown && time.GetElapsedTime(shown) < Interval))
        {
            return;
        }

        _shownAt = time.GetTimestamp();
        output.WriteLine("  " + string.Join(", ", items.Select(item => $"{item.Label} {item.Text}")));
    }

    /// <inheritdoc/>
    public void Mark(TimelineStep step) => output.WriteLine(Line(step));

    /// <summary>A step as one line.</summary>
    public static string Line(TimelineStep step) => $"  {step.Ms,10:+0.000;-0.000;0.000} ms  {step.Text}";
}
