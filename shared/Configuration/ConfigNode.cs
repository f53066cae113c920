using System.Globalization;
using System.Net;
using YamlDotNet.RepresentationModel;

namespace Appliance.Configuration;

/// <summary>
/// One mapping of a YAML file, read field by field. Errors are collected, never thrown: the reader goes on with a
/// default, so that one start reports everything that is wrong. A field nobody asked for is an error, too. Who reads a
/// field says what it means, so that nothing can be set that docs/configuration.md does not name (<see cref="ConfigFile.Describe"/>).
/// </summary>
public sealed class ConfigNode
{
    private readonly Dictionary<string, YamlNode> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly string _path;
    private readonly List<string> _errors;
    private readonly List<Setting>? _described;

    /// <summary>Reads a mapping.</summary>
    /// <param name="mapping">Null for an empty one.</param>
    /// <param name="path">Where it is in the file.</param>
    /// <param name="errors">Gets what is wrong.</param>
    /// <param name="described">Gets what is asked for; null unless that is the purpose.</param>
    internal ConfigNode(YamlMappingNode? mapping, string path, List<string> errors, List<Setting>? described = null)
    {
        _path = path;
        _errors = errors;
        _described = described;
        foreach (var (key, value) in mapping?.Children ?? new YamlMappingNode().Children)
        {
            _fields[(key as YamlScalarNode)?.Value ?? key.ToString()] = value; // a list as a key becomes an unknown setting
        }
    }

    /// <summary>Adds an error at a field of this mapping.</summary>
    public void Error(string field, string what) => _errors.Add($"{Path(field)}: {what}");

    /// <summary>A text; <paramref name="fallback"/> null makes the field required.</summary>
    public string Text(string field, string meaning, string? fallback = null, string? example = null)
    {
        Describe(new Setting(field, "text", meaning) { Default = fallback, Example = example, IsRequired = fallback is null });
        return ReadText(field, fallback);
    }

    /// <summary>A whole number within bounds.</summary>
    public int Integer(string field, string meaning, int fallback, int least, int most)
    {
        var text = fallback.ToString(CultureInfo.InvariantCulture);
        Describe(new Setting(field, "whole number", meaning) { Default = text, Range = string.Create(CultureInfo.InvariantCulture, $"{least} to {most}") });
        text = ReadText(field, text);
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
        {
            return value;
        }
        Error(field, $"'{text}' must be a whole number from {least} to {most}");
        return fallback;
    }

    /// <summary>A duration such as <c>10ms</c>, <c>500us</c> or <c>2s</c>, within bounds.</summary>
    public TimeSpan Duration(string field, string meaning, TimeSpan fallback, TimeSpan least, TimeSpan most)
    {
        var range = $"{Durations.Format(least)} to {Durations.Format(most)}";
        Describe(new Setting(field, "duration", meaning) { Default = Durations.Format(fallback), Range = range });
        var text = ReadText(field, Durations.Format(fallback));
        if (!Durations.TryParse(text, out var value))
        {
            Error(field, $"'{text}' is not a duration: write a number and a unit, such as 10ms or 2s");
            return fallback;
        }
        if (value < least || value > most)
        {
            Error(field, $"{text} must be from {range}");
            return fallback;
        }
        return value;
    }

    /// <summary>An amount of bytes such as <c>64KiB</c>, within bounds.</summary>
    public long Size(string field, string meaning, long fallback, long least, long most)
    {
        var range = $"{ByteSize.Format(least)} to {ByteSize.Format(most)}";
        Describe(new Setting(field, "size", meaning) { Default = ByteSize.Format(fallback), Range = range });
        var text = ReadText(field, ByteSize.Format(fallback));
        if (!ByteSize.TryParse(text, out var bytes))
        {
            Error(field, $"'{text}' is not a size: write a whole number and a unit, such as 64KiB, 4MiB or 1GiB");
            return fallback;
        }
        if (bytes < least || bytes > most)
        {
            Error(field, $"{text} must be from {range}");
            return fallback;
        }
        return bytes;
    }

    /// <summary>One of several words.</summary>
    public string Choice(string field, string meaning, string fallback, params ReadOnlySpan<string> choices)
    {
        Describe(new Setting(field, "word", meaning) { Default = fallback, Range = string.Join(", ", choices!) });
        var text = ReadText(field, fallback);
        foreach (var choice in choices)
        {
            if (choice == text)
            {
                return text;
            }
        }
        Error(field, $"'{text}' must be one of {string.Join(", ", choices!)}");
        return fallback;
    }

    /// <summary>An IP address; null and an error when it is not one.</summary>
    public IPAddress? Address(string field, string meaning, string example)
    {
        Describe(new Setting(field, "IP address", meaning) { Example = example, IsRequired = true });
        var text = ReadText(field, null);
        return text.Length == 0 ? null : ParseAddress(field, text);
    }

    /// <summary>A list of IP addresses; required and not empty.</summary>
    public IReadOnlyList<IPAddress> Addresses(string field, string meaning, string example)
    {
        Describe(new Setting(field, "list of IP addresses", meaning) { Example = example, IsRequired = true });
        return [.. ReadTexts(field).Select(t => ParseAddress(field, t)).OfType<IPAddress>()];
    }

    /// <summary>Is the field there?</summary>
    public bool Has(string field) => Find(field) is not null;

    /// <summary>One endpoint, <c>10.0.2.1:7400</c> or <c>[fd00:2::1]:7400</c>; null when it is absent, and with an error when it is not one.</summary>
    public IPEndPoint? EndPoint(string field, string meaning, string example)
    {
        Describe(new Setting(field, "address:port", meaning) { Example = example });
        return Has(field) ? ParseEndPoint(field, ReadText(field, null)) : null;
    }

    /// <summary>A list of endpoints, <c>10.0.2.1:7400</c> or <c>[fd00:2::1]:7400</c>; required and not empty.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints(string field, string meaning, string example)
    {
        Describe(new Setting(field, "list of address:port", meaning) { Example = example, IsRequired = true });
        return [.. ReadTexts(field).Select(t => ParseEndPoint(field, t)).OfType<IPEndPoint>()];
    }

    /// <summary>A list of texts; empty when it is absent.</summary>
    public IReadOnlyList<string> Texts(string field, string meaning, string example)
    {
        Describe(new Setting(field, "list of texts", meaning) { Example = example });
        return Has(field) ? ReadTexts(field) : [];
    }

    /// <summary>A mapping inside this one; empty when absent.</summary>
    public ConfigNode Section(string field, string meaning)
    {
        var node = Find(field);
        if (node is not null and not YamlMappingNode)
        {
            Error(field, "must be a mapping of settings");
        }
        return new ConfigNode(node as YamlMappingNode, Path(field), _errors, DescribeInner(new Setting(field, "settings", meaning)));
    }

    /// <summary>A list of mappings, not empty where it is there.</summary>
    public IReadOnlyList<ConfigNode> Sections(string field, string meaning, bool required = true)
    {
        if (DescribeInner(new Setting(field, "list of settings", meaning) { IsRequired = required, IsList = true }) is { } inner)
        {
            return [new ConfigNode(null, Path(field), _errors, inner)];
        }
        if (!required && !Has(field))
        {
            return [];
        }
        if (Find(field) is not YamlSequenceNode { Children.Count: > 0 } list)
        {
            Error(field, "must be a list with at least one entry");
            return [];
        }
        return [.. list.Children.Select((c, i) => new ConfigNode(c as YamlMappingNode, $"{Path(field)}[{i}]", _errors))];
    }

    /// <summary>Reports every field that nobody asked for, with the nearest known name.</summary>
    public void RejectUnknown()
    {
        foreach (var (field, node) in _fields)
        {
            if (!_known.Contains(field))
            {
                var nearest = _known.MinBy(k => EditDistance.Between(k, field));
                var hint = nearest is not null && EditDistance.Between(nearest, field) <= 3 ? $", did you mean '{nearest}'?" : string.Empty;
                _errors.Add($"{Path(field)}: unknown setting (line {node.Start.Line}){hint}");
            }
        }
    }

    private void Describe(Setting setting) => _described?.Add(setting);

    private List<Setting>? DescribeInner(Setting setting)
    {
        if (_described is null)
        {
            return null;
        }
        var inner = new List<Setting>();
        _described.Add(setting with { Settings = inner });
        return inner;
    }

    private string ReadText(string field, string? fallback)
    {
        if (Find(field) is YamlScalarNode { Value: { Length: > 0 } value })
        {
            return value;
        }
        if (_fields.ContainsKey(field))
        {
            Error(field, "must be a text");
        }
        else if (fallback is null)
        {
            Error(field, "is missing");
        }
        return fallback ?? string.Empty;
    }

    private IReadOnlyList<string> ReadTexts(string field)
    {
        switch (Find(field))
        {
            case YamlSequenceNode list when list.Children.All(c => c is YamlScalarNode { Value.Length: > 0 }) && list.Children.Count > 0:
                return [.. list.Children.Select(c => ((YamlScalarNode)c).Value!)];
            case null:
                Error(field, "is missing");
                break;
            default:
                Error(field, "must be a list, such as [a, b]");
                break;
        }
        return [];
    }

    private IPEndPoint? ParseEndPoint(string field, string text)
    {
        if (IPEndPoint.TryParse(text, out var endPoint) && endPoint.Port != 0 && endPoint.ToString() == text && !endPoint.Address.IsIPv4MappedToIPv6)
        {
            return endPoint;
        }
        Error(field, $"'{text}' is not an address with a port, such as 10.0.2.1:7400 or [fd00:2::1]:7400");
        return null;
    }

    private IPAddress? ParseAddress(string field, string text)
    {
        // The C library's short forms (10.0.2 for 10.0.0.2) are slips in a configuration, not wishes.
        if (IPAddress.TryParse(text, out var address) && (text.Contains(':') || address.ToString() == text) && text.AsSpan().IndexOfAny("[]%") < 0 && !address.IsIPv4MappedToIPv6)
        {
            return address;
        }
        Error(field, $"'{text}' is not an IP address");
        return null;
    }

    private YamlNode? Find(string field)
    {
        _known.Add(field);
        return _fields.GetValueOrDefault(field);
    }

    private string Path(string field) => _path.Length == 0 ? field : $"{_path}.{field}";
}
