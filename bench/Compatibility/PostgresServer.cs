using Appliance.Bench.Labs;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Compatibility;

/// <summary>PostgreSQL with one cluster, copied to both nodes.</summary>
public static class PostgresServer
{
    private const string User = "postgres";
    private static readonly string s_tools = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(static version => Path.Combine(version, "bin")).FirstOrDefault("") : "";

    /// <summary>Its own bench, at a rate.</summary>
    public static ClientCommand Load => new($"{s_tools}/pgbench -h {LabAddresses.Vip4} -U {User} --client=8 --jobs=2 --rate=100 --time=8 --no-vacuum {User}");

    /// <summary>Makes the first node's cluster, and the second's as its copy.</summary>
    public static async Task<string[]> StartAsync(BenchLab lab, LabHost node, CancellationToken cancellation)
    {
        var disk = Path.Combine(lab.Laboratory.DataDirectory(node), "pg");
        await ServerCatalog.RequireAsync("install", "-d", "-o", User, "-g", User, "-m", "700", disk);
        var original = Path.Combine(lab.Laboratory.Directory, "pg-original");
        if (!Directory.Exists(original))
        {
            await ServerCatalog.RequireAsync("install", "-d", "-o", User, "-g", User, "-m", "700", original);
            await ServerCatalog.RequireAsync(As($"{s_tools}/initdb", "--no-sync", "--auth=trust", "-D", $"{original}/data"));
            await ServerCatalog.RequireAsync(As($"{s_tools}/pg_ctl", "-D", $"{original}/data", "-l", $"{original}/log", "-o", $"-c listen_addresses= -k {original}", "-w", "start"));
            await ServerCatalog.RequireAsync(As($"{s_tools}/pgbench", "-h", original, "--initialize", "--quiet", "--scale=4", User));
            await ServerCatalog.RequireAsync(As($"{s_tools}/pg_ctl", "-D", $"{original}/data", "-w", "-m", "fast", "stop"));
            await File.AppendAllTextAsync($"{original}/data/pg_hba.conf", $"host all all {LabAddresses.Client4}/32 trust\n", cancellation);
        }

        await ServerCatalog.RequireAsync("cp", "-a", $"{original}/data", $"{disk}/data");
        return As($"{s_tools}/postgres", "-D", $"{disk}/data", "-c", "listen_addresses=*", "-k", disk);
    }

    private static string[] As(params string[] command) => ["setpriv", $"--reuid={User}", $"--regid={User}", "--init-groups", .. command];
}
