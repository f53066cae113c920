using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Appliance.Configuration;

/// <summary>Reads a YAML file and hands its root to a reader; all errors come out together.</summary>
public static class ConfigFile
{
    /// <summary>Reads <paramref name="path"/>.</summary>
    /// <exception cref="ConfigurationException">The file is absent, no YAML, or the reader reported errors.</exception>
    public static T Read<T>(string path, Func<ConfigNode, T> read)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(path, [$"cannot be read: {e.Message}"]);
        }
        return Parse(text, path, read);
    }

    /// <summary>Every setting that a reader asks for, in its order.</summary>
    public static IReadOnlyList<Setting> Describe<T>(Func<ConfigNode, T> read)
    {
        var settings = new List<Setting>();
        read(new ConfigNode(null, string.Empty, [], settings));
        return settings;
    }

    /// <summary>Reads YAML from a text; <paramref name="source"/> names it in errors.</summary>
    /// <exception cref="ConfigurationException">As for <see cref="Read"/>.</exception>
    public static T Parse<T>(string text, string source, Func<ConfigNode, T> read)
    {
        var errors = new List<string>();
        var stream = new YamlStream();
        var parser = new PlainParser(new Parser(new StringReader(text)));
        try
        {
            stream.Load(parser);
        }
        catch (YamlException e)
        {
            throw new ConfigurationException(source, [$"line {e.Start.Line}: {e.Message}"]);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException) // the parser's, on some unfinished lists
        {
            throw new ConfigurationException(source, [$"line {parser.Current?.End.Line ?? 1}: not valid YAML after this line"]);
        }
        var root = stream.Documents.Count > 0 ? stream.Documents[0].RootNode : null;
        if (root is not YamlMappingNode mapping || mapping.Children.Keys.Any(k => k is not YamlScalarNode))
        {
            throw new ConfigurationException(source, ["must be a mapping of settings"]);
        }
        var result = read(new ConfigNode(mapping, string.Empty, errors));
        return errors.Count == 0 ? result : throw new ConfigurationException(source, errors);
    }
}
