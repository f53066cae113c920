using System.Globalization;
using System.Net;
using YamlDotNet.RepresentationModel;

namespace Appliance.Configuration;

/// <summary>
/// One mapping of a YAML file, read field by field. Errors are collected, never thrown: the reader goes on with a
/// default, so that one start reports everything that is wrong. A field nobody asked for is an error, too.
/// </summary>
public sealed class ConfigNode
{
    private readonly Dictionary<string, YamlNode> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly string _path;
    private readonly List<string> _errors;

    internal ConfigNode(YamlMappingNode? mapping, string path, List<string> errors)
    {
        _path = path;
        _errors = errors;
        foreach (var (key, value) in mapping?.Children ?? new YamlMappingNode().Children)
        {
            _fields[(key as YamlScalarNode)?.Value ?? key.ToString()] = value; // a list as a key becomes an unknown setting
        }
    }

    /// <summary>Adds an error at a field of this mapping.</summary>
    public void Error(string field, string what) => _errors.Add($"{Path(field)}: {what}");

    /// <summary>A text; <paramref name="fallback"/> null makes the field required.</summary>
    public string Text(string field, string? fallback = null)
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

    /// <summary>A whole number within bounds.</summary>
    public int Integer(string field, int fallback, int least, int most)
    {
        var text = Text(field, fallback.ToString(CultureInfo.InvariantCulture));
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
        {
            return value;
        }
        Error(field, $"'{text}' must be a whole number from {least} to {most}");
        return fallback;
    }

    /// <summary>A duration such as <c>10ms</c>, <c>500us</c> or <c>2s</c>, within bounds.</summary>
    public TimeSpan Duration(string field, TimeSpan fallback, TimeSpan least, TimeSpan most)
    {
        var text = Text(field, Durations.Format(fallback));
        if (!Durations.TryParse(text, out var value))
        {
            Error(field, $"'{text}' is not a duration: write a number and a unit, such as 10ms or 2s");
            return fallback;
        }
        if (value < least || value > most)
        {
            Error(field, $"{text} must be from {Durations.Format(least)} to {Durations.Format(most)}");
            return fallback;
        }
        return value;
    }

    /// <summary>One of several words.</summary>
    public string Choice(string field, string fallback, params ReadOnlySpan<string> choices)
    {
        var text = Text(field, fallback);
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
    public IPAddress? Address(string field, bool required = true)
    {
        var text = Text(field, required ? null : string.Empty);
        return text.Length == 0 ? null : ParseAddress(field, text);
    }

    /// <summary>A list of IP addresses.</summary>
    public IReadOnlyList<IPAddress> Addresses(string field) =>
        [.. Texts(field).Select(t => ParseAddress(field, t)).OfType<IPAddress>()];

    /// <summary>Is the field there?</summary>
    public bool Has(string field) => Find(field) is not null;

    /// <summary>One endpoint, <c>10.0.2.1:7400</c> or <c>[fd00:2::1]:7400</c>; null and an error when it is not one.</summary>
    public IPEndPoint? EndPoint(string field) => ParseEndPoint(field, Text(field));

    /// <summary>A list of endpoints, <c>10.0.2.1:7400</c> or <c>[fd00:2::1]:7400</c>.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints(string field) => [.. Texts(field).Select(t => ParseEndPoint(field, t)).OfType<IPEndPoint>()];

    /// <summary>A list of texts; required and not empty.</summary>
    public IReadOnlyList<string> Texts(string field)
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

    /// <summary>A mapping inside this one; empty when absent.</summary>
    public ConfigNode Section(string field)
    {
        var node = Find(field);
        if (node is not null and not YamlMappingNode)
        {
            Error(field, "must be a mapping of settings");
        }
        return new ConfigNode(node as YamlMappingNode, Path(field), _errors);
    }

    /// <summary>A list of mappings; required and not empty.</summary>
    public IReadOnlyList<ConfigNode> Sections(string field)
    {
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
