using Appliance.Configuration;

namespace Appliance.Tests.Unit.Configuration.Reference;

/// <summary>The order in which settings are shown: what has to be given first, values before what holds further settings.</summary>
internal static class SettingOrder
{
    public static IEnumerable<Setting> InOrder(this IEnumerable<Setting> settings) =>
        settings.OrderBy(s => s.IsNeeded() ? 0 : 1).ThenBy(s => s.Settings is null ? 0 : 1);

    /// <summary>Does a file without it lack something?</summary>
    public static bool IsNeeded(this Setting setting) => setting.IsRequired || (!setting.IsList && setting.Settings?.Any(IsNeeded) == true);
}
