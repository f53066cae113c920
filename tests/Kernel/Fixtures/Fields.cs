using System.Reflection;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>A struct of a map as text, so that a difference names its field. Times are only told as set or not.</summary>
internal static class Fields
{
    public static string Of<T>(T? value)
        where T : struct => value is { } some ? Text(some) : "none";

    private static string Text(object value) => string.Join(
        ", ",
        value.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance).Select(f => f.GetValue(value) switch
        {
            ulong time when f.Name.EndsWith("Ns", StringComparison.Ordinal) => $"{f.Name} {(time == 0 ? "unset" : "set")}",
            { } inner when f.FieldType is { IsPrimitive: false, IsEnum: false } && inner is not IFormattable => $"{f.Name} ({Text(inner)})",
            var plain => $"{f.Name} {plain}",
        }));
}
