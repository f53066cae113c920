namespace Appliance.Tests.Lab;

/// <summary>
/// Stand-ins for gateway and node agents, laid out as the build does: they show how the lab starts, watches, kills and
/// restarts programs, whatever the real ones do.
/// </summary>
internal sealed class FakePrograms : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("appliance-fakes-");

    /// <summary>Writes a set of programs.</summary>
    /// <param name="node">What the node agents do, a shell script.</param>
    public FakePrograms(string node = "exec sleep 1000")
    {
        SetStatus("""{"epoch":1,"ready":true,"nodes":[{"name":"node1","role":"active"},{"name":"node2","role":"replica"}]}""");
        Write("Appliance.Gateway", "appliance-gateway", $$"""
            #!/usr/bin/perl
            use IO::Socket::INET;
            my $listener = IO::Socket::INET->new(LocalPort => 8080, Listen => 5, ReuseAddr => 1) or die $!;
            while (my $client = $listener->accept) {
                while (my $line = <$client>) { last if $line eq "\r\n" }
                open my $file, '<', '{{StatusFile}}'; my $body = <$file>; close $file;
                my $verdict = $body =~ /"ready":true/ ? "200 OK" : "503 Not Ready";
                print $client "HTTP/1.1 $verdict\r\nConnection: close\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
                close $client;
            }
            """);
        Write("Appliance.PrimaryNode", "appliance-primary-node", "#!/bin/sh\n" + node);
        Write("Appliance.BackupNode", "appliance-backup-node", "#!/bin/sh\n" + node);
    }

    /// <summary>The directory to start programs from.</summary>
    public string Location => _root.FullName;

    private string StatusFile => Path.Combine(_root.FullName, "status.json");

    /// <summary>Sets what the gateway says from now on.</summary>
    public void SetStatus(string json) => File.WriteAllText(StatusFile, json);

    /// <inheritdoc/>
    public void Dispose() => _root.Delete(recursive: true);

    private void Write(string project, string program, string script)
    {
        var directory = _root.CreateSubdirectory(Path.Combine(project, "release"));
        var file = Path.Combine(directory.FullName, program);
        File.WriteAllText(file, script + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
