namespace Appliance.Host;

/// <summary>The order to end. SIGINT and SIGTERM ask for everything to be taken down, SIGHUP to make way for a successor.</summary>
public sealed class Shutdown : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    /// <summary>Cancelled by the order.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>A successor goes on at once with what this process leaves in the kernel.</summary>
    public bool IsHandover { get; private set; }

    /// <summary>Gives the order; the first one counts.</summary>
    public void Order(bool isHandover)
    {
        if (!_source.IsCancellationRequested)
        {
            IsHandover = isHandover;
            _source.Cancel();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}
