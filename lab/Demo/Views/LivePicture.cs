using Appliance.Lab.Demo.Reports;
using Spectre.Console;
using Spectre.Console.Rendering;
using PlainText = Spectre.Console.Text;

namespace Appliance.Lab.Demo.Views;

/// <summary>What a terminal shows of a round.</summary>
/// <param name="Title">What the round does.</param>
public sealed record LivePicture(string Title)
{
    private const int BarWidth = 30;

    /// <summary>What it does now.</summary>
    public string Phase { get; init; } = "";

    /// <summary>The traffic.</summary>
    public IReadOnlyList<ProgressItem> Items { get; init; } = [];

    /// <summary>The failover so far.</summary>
    public IReadOnlyList<TimelineStep> Steps { get; init; } = [];

    /// <summary>The picture.</summary>
    public IRenderable Draw()
    {
        var traffic = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap());
        foreach (var item in Items)
        {
            traffic.AddRow(new PlainText(item.Label), new Markup(item.Fraction is { } share ? Bar(share) : ""), new PlainText(item.Text));
        }

        var timeline = new Grid().AddColumn(new GridColumn().NoWrap().RightAligned()).AddColumn(new GridColumn().NoWrap());
        foreach (var step in Steps)
        {
            timeline.AddRow(new Markup($"[yellow]{step.Ms:+0.000;-0.000;0.000} ms[/]"), new PlainText(step.Text));
        }

        var rows = new List<IRenderable> { traffic };
        if (Steps.Count > 0)
        {
            rows.Add(new Rule("[yellow]failover[/]") { Justification = Justify.Left, Style = Style.Parse("grey") });
            rows.Add(timeline);
        }

        if (Phase.Length > 0)
        {
            rows.Add(new Markup($"[grey]{Markup.Escape(Phase)} …[/]"));
        }

        return new Panel(new Rows(rows)) { Header = new PanelHeader($" {Markup.Escape(Title)} "), Border = BoxBorder.Rounded };
    }

    /// <summary>A bar in markup.</summary>
    /// <param name="share">0 to 1; beyond is cut off.</param>
    internal static string Bar(double share)
    {
        var full = (int)Math.Round(Math.Clamp(share, 0, 1) * BarWidth);
        return $"[green]{new string('━', full)}[/][grey]{new string('─', BarWidth - full)}[/]";
    }
}
