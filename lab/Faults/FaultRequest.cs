using Appliance.Lab.Text;

namespace Appliance.Lab.Faults;

/// <summary>A fault that is asked for.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Target">To whom: a host, a role (<c>primary</c>, <c>backup</c>), or <c>all</c> when healing.</param>
public sealed record FaultRequest(FaultKind Kind, string Target)
{
    /// <summary>The word for the node that holds the service now.</summary>
    public const string Primary = "primary";

    /// <summary>The word for the node that does not hold the service now.</summary>
    public const string Backup = "backup";

    /// <summary>The word for everything, when healing.</summary>
    public const string Everything = "all";

    /// <summary>How long a hang lasts; null means until it is healed.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Lost share of the copies, in hundredths of a percent.</summary>
    public int BasisPoints { get; init; }

    /// <summary>Reads a fault as the command line names it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">What follows the name.</param>
    /// <param name="request">The fault.</param>
    /// <param name="error">What is wrong, in one line.</param>
    public static bool TryParse(string name, IReadOnlyList<string> arguments, out FaultRequest request, out string error)
    {
        request = null!;
        error = "";
        switch (name, arguments)
        {
            case ("crash", [var target]):
                request = new FaultRequest(FaultKind.Crash, target);
                return true;
            case ("cut", [var target]):
                request = new FaultRequest(FaultKind.Cut, target);
                return true;
            case ("kill-app", [var target]):
                request = new FaultRequest(FaultKind.KillApp, target);
                return true;
            case ("hang-app", [var target]):
                request = new FaultRequest(FaultKind.HangApp, target);
                return true;
            case ("hang-app", [var target, var seconds]) when Durations.TryParse(seconds, out var duration, bareUnit: "s"):
                request = new FaultRequest(FaultKind.HangApp, target) { Duration = duration };
                return true;
            case ("tap-loss", [var share]) when Percentages.TryParse(share, out var basisPoints):
                request = new FaultRequest(FaultKind.TapLoss, Backup) { BasisPoints = basisPoints };
                return true;
            case ("heal", [var target]):
                request = new FaultRequest(FaultKind.Heal, target);
                return true;
            default:
                error = Usage(name);
                return false;
        }
    }

    private static string Usage(string name) => name switch
    {
        "crash" => "Usage: fault crash NODE|gateway",
        "cut" or "kill-app" => $"Usage: fault {name} NODE",
        "hang-app" => "Usage: fault hang-app NODE [SECONDS]",
        "tap-loss" => "Usage: fault tap-loss SHARE, for example 5%",
        "heal" => "Usage: fault heal NODE|gateway|all",
        _ => $"'{name}' is no fault: use crash, cut, kill-app, hang-app, tap-loss or heal.",
    };
}
