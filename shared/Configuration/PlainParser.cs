using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Appliance.Configuration;

/// <summary>
/// Passes on YAML as far as configuration needs it. Lists in lists without end would exhaust the loader's stack, and aliases of
/// aliases its time: both are refused before it sees them.
/// </summary>
internal sealed class PlainParser(IParser inner) : IParser
{
    private const int MostLevels = 20;

    private int _level;

    /// <inheritdoc/>
    public ParsingEvent? Current => inner.Current;

    /// <inheritdoc/>
    public bool MoveNext()
    {
        if (!inner.MoveNext())
        {
            return false;
        }
        var current = inner.Current!;
        _level += current.NestingIncrease;
        if (_level > MostLevels)
        {
            throw new YamlException(current.Start, current.End, $"more than {MostLevels} levels of lists and mappings");
        }
        if (current is AnchorAlias alias)
        {
            throw new YamlException(current.Start, current.End, $"*{alias.Value}: aliases are not understood here, write the value out");
        }
        return true;
    }
}
