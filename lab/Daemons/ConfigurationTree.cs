using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Appliance.Lab.Daemons;

/// <summary>A YAML document as a tree that can be overlaid with another.</summary>
public sealed class ConfigurationTree
{
    private readonly YamlMappingNode _root;

    private ConfigurationTree(YamlMappingNode root) => _root = root;

    /// <summary>Reads a document whose top is a mapping; an empty text is an empty mapping.</summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="origin">What to call it in an error.</param>
    /// <exception cref="LabException">It is not such a document.</exception>
    public static ConfigurationTree Parse(string text, string origin)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents switch
            {
                [] => new ConfigurationTree([]),
                [{ RootNode: YamlMappingNode root }] => new ConfigurationTree(root),
                _ => throw new LabException(LabFailure.InvalidArgument, $"{origin}: expected one YAML mapping."),
            };
        }
        catch (YamlException exception)
        {
            throw new LabException(LabFailure.InvalidArgument, $"{origin}, line {exception.Start.Line}: {exception.Message}", exception);
        }
    }

    /// <summary>Lays another tree over this one: mappings are merged, everything else is replaced.</summary>
    public void Overlay(ConfigurationTree other) => Merge(_root, other._root);

    /// <summary>Sets one value by its path, for example <c>heartbeat.interval</c>.</summary>
    public void Set(string path, string value) => Set(path, new YamlScalarNode(value));

    /// <summary>Takes over what another tree has at a path, when it has anything there.</summary>
    public void CopyFrom(ConfigurationTree other, string path)
    {
        YamlNode node = other._root;
        foreach (var key in path.Split('.'))
        {
            if (node is not YamlMappingNode mapping || !mapping.Children.TryGetValue(key, out node!))
            {
                return;
            }
        }

        Set(path, node);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        using var text = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(_root)).Save(text, assignAnchors: false);
        return text.ToString().Replace("\n...\n", "\n", StringComparison.Ordinal);
    }

    private void Set(string path, YamlNode value)
    {
        var keys = path.Split('.');
        var parent = _root;
        foreach (var key in keys[..^1])
        {
            if (!parent.Children.TryGetValue(key, out var child) || child is not YamlMappingNode mapping)
            {
                parent.Children[key] = mapping = [];
            }

            parent = mapping;
        }

        parent.Children[keys[^1]] = value;
    }

    private static void Merge(YamlMappingNode target, YamlMappingNode overlay)
    {
        foreach (var (key, value) in overlay.Children)
        {
            if (value is YamlMappingNode addition && target.Children.TryGetValue(key, out var present) && present is YamlMappingNode mapping)
            {
                Merge(mapping, addition);
            }
            else
            {
                target.Children[key] = value;
            }
        }
    }
}
