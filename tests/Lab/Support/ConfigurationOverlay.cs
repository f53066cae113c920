namespace Appliance.Tests.Lab.Support;

/// <summary>A file with what a test configures at the gateway; it goes away with the test.</summary>
internal sealed class ConfigurationOverlay : IDisposable
{
    /// <summary>Writes the file.</summary>
    public ConfigurationOverlay(string yaml) => File.WriteAllText(Path, yaml);

    /// <summary>Where it is.</summary>
    public string Path { get; } = System.IO.Path.GetTempFileName();

    /// <inheritdoc/>
    public void Dispose() => File.Delete(Path);
}
