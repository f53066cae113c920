using Appliance.Lab.Demo.Reports;
using Spectre.Console;

namespace Appliance.Lab.Demo.Views;

/// <summary>A picture on a terminal that is drawn anew while a round runs.</summary>
internal sealed class LiveView(IAnsiConsole console) : IDemoView
{
    private readonly Lock _lock = new();
    private LiveDisplayContext? _display;
    private LivePicture _picture = new("");

    /// <inheritdoc/>
    public void Report(string value) => console.MarkupLineInterpolated($"[grey]{value} …[/]");

    /// <inheritdoc/>
    public void Say(string text) => console.MarkupLineInterpolated($"{text}");

    /// <inheritdoc/>
    public async Task<T> FollowAsync<T>(string title, Func<Task<T>> work)
    {
        _picture = new LivePicture(title);
        return await console.Live(_picture.Draw()).StartAsync(async display =>
        {
            _display = display;
            try
            {
                return await work();
            }
            finally
            {
                Change(picture => picture with { Phase = "" });
                _display = null;
            }
        });
    }

    /// <inheritdoc/>
    public void SetPhase(string phase) => Change(picture => picture with { Phase = phase });

    /// <inheritdoc/>
    public void Show(IReadOnlyList<ProgressItem> items) => Change(picture => picture with { Items = items });

    /// <inheritdoc/>
    public void Mark(TimelineStep step) => Change(picture => picture with { Steps = [.. picture.Steps, step] });

    private void Change(Func<LivePicture, LivePicture> change)
    {
        lock (_lock)
        {
            _picture = change(_picture);
            _display?.UpdateTarget(_picture.Draw());
        }
    }
}
