using Appliance.Lab;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Tests.Lab;

/// <summary>A server with one child process, as many servers have; Perl is on every Debian.</summary>
internal sealed class TestServer : IDisposable
{
    private readonly string _namespace;

    private TestServer(string namespaceName, LabProcess process)
    {
        _namespace = namespaceName;
        Process = process;
    }

    /// <summary>The process that listens.</summary>
    public LabProcess Process { get; }

    /// <summary>Whether it listens by now.</summary>
    public bool IsListening => ListeningSockets.In(_namespace).Count > 0;

    /// <summary>Starts the server on a host of the lab.</summary>
    public static TestServer Start(Laboratory lab, LabHost host, int port)
    {
        var script = $$"""
            use IO::Socket::INET;
            fork or do { sleep 1000; exit };
            my $listener = IO::Socket::INET->new(LocalPort => {{port}}, Listen => 5, ReuseAddr => 1) or die $!;
            while (my $client = $listener->accept) { print $client "hello\n"; close $client }
            """;
        return new TestServer(lab.Namespace(host), lab.StartProcess(host, ["perl", "-e", script], "/dev/null"));
    }

    /// <inheritdoc/>
    public void Dispose() => Process.Dispose();
}
