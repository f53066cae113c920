using Appliance.Bench.Labs;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Compatibility;

/// <summary>sshd with one host key on both nodes.</summary>
public static class SshServer
{
    private const int Port = 2222;

    /// <summary>A command that says something for some seconds.</summary>
    public static ClientCommand Load => new(
        $"cp ../ssh-user . && chmod 600 ssh-user && ssh -F none -i ssh-user -p {Port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes root@{LabAddresses.Vip4} 'for i in $(seq 300); do echo $i; sleep 0.02; done' > got",
        static directory => File.ReadLines(Path.Combine(directory, "got")).Count() == 300);

    /// <summary>Makes the keys where there are none, and the configuration.</summary>
    public static async Task<string[]> StartAsync(BenchLab lab, LabHost node, CancellationToken cancellation)
    {
        var directory = lab.Laboratory.Directory;
        foreach (var key in new[] { "ssh-host", "ssh-user" })
        {
            if (!File.Exists(Path.Combine(directory, key)))
            {
                await ServerCatalog.RequireAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(directory, key));
            }
        }

        await ServerCatalog.RequireAsync("mkdir", "-p", "/run/sshd");
        var file = Path.Combine(lab.Laboratory.DataDirectory(node), "sshd.conf");
        await File.WriteAllTextAsync(
            file, $"Port {Port}\nHostKey {directory}/ssh-host\nAuthorizedKeysFile {directory}/ssh-user.pub\nPermitRootLogin prohibit-password\nStrictModes no\nUsePAM no\nPidFile none\n", cancellation);
        return ["/usr/sbin/sshd", "-D", "-e", "-f", file];
    }
}
