using System.Globalization;
using System.Security.Cryptography;
using Appliance.Bench.Labs;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Compatibility;

/// <summary>
/// The servers. Each node has a disk of its own with the same content at the start (keys, certificates, data): what differs between them
/// is what the servers make of it.
/// </summary>
public static class ServerCatalog
{
    private const string Vip = LabAddresses.Vip4;
    private const int FileBytes = 32 << 20;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);
    private static readonly byte[] s_file = RandomFile();
    private static int s_keys;

    /// <summary>All cases.</summary>
    public static IReadOnlyList<ServerCase> All { get; } =
    [
        new("nginx, a download", "nginx-light", 80, WebServers.NginxAsync, Download($"http://{Vip}/file")),
        new("nginx, requests on 8 connections", "nginx-light", 80, WebServers.NginxAsync, WebRequests(80)),
        new("nginx, requests on 8 connections", "nginx-light", 80, WebServers.TimelessNginxAsync, WebRequests(80)) { Option = "more_clear_headers Date (libnginx-mod-http-headers-more-filter)" },
        new("nginx, HTTPS", "nginx-light", 443, WebServers.NginxAsync, Download($"-k https://{Vip}/file")),
        new("HAProxy, answering itself", "haproxy", 8080, WebServers.HaproxyAsync, WebRequests(8080)),
        new("memcached, 8 connections", "memcached", 11211, static (_, _, _) => Command("memcached", "-u", "memcache", "-p", "11211"), new Conversations(11211, 8, s_pause, Memcached)),
        new("Redis, 1 connection", "redis-server", 6379, RedisAsync, new Conversations(6379, 1, s_pause, OwnKey)),
        new("Redis, 50 connections, a key each", "redis-server", 6379, RedisAsync, new Conversations(6379, 50, s_pause, OwnKey)),
        new("Redis, 50 connections, one key", "redis-server", 6379, RedisAsync, new Conversations(6379, 50, s_pause, OneKey)),
        new("Redis, 50 connections, one key", "redis-server", 6379, RedisAsync, new Conversations(6379, 50, s_pause, OneKey)) { Option = "delivery: ordered", Service = "delivery: ordered" },
        new("Redis, 50 connections, one key", "redis-server", 6379, RedisAsync, new Conversations(6379, 50, s_pause, OneKey)) { Option = "delivery: serial", Service = "delivery: serial" },
        new("mosquitto, one publishes to another, QoS 1", "mosquitto", 1883, MosquittoAsync, Mosquitto),
        new("PostgreSQL, pgbench with 8 clients", "postgresql", 5432, PostgresServer.StartAsync, PostgresServer.Load),
        new("vsftpd, a passive download", "vsftpd", 21, (lab, node, token) => FtpAsync(lab, node, "", token), Ftp),
        new("vsftpd, a passive download", "vsftpd", 21, (lab, node, token) => FtpAsync(lab, node, "pasv_min_port=5000\npasv_max_port=5000\n", token), Ftp) { Option = "one passive port" },
        new("Exim, mail after mail on one connection", "exim4-daemon-light", 25, EximAsync, new Conversations(25, 1, s_pause, Mail)),
        new("Exim, mail after mail on one connection", "exim4-daemon-light", 25, EximAsync, new Conversations(25, 1, s_pause, Mail)) { Option = "divergence: carry", Service = "divergence: carry" },
        new("dnsmasq, UDP", "dnsmasq-base", 53, DnsmasqAsync, new Conversations(53, 4, s_pause, static connection => Names(connection, isTcp: false)) { IsUdp = true }),
        new("dnsmasq, TCP", "dnsmasq-base", 53, DnsmasqAsync, new Conversations(53, 4, TimeSpan.FromMilliseconds(100), static connection => Names(connection, isTcp: true))),
        new("iperf3, upload", "iperf3", 5201, IperfAsync, new ClientCommand($"iperf3 -c {Vip} -t 7 -b 100M")),
        new("iperf3, download", "iperf3", 5201, IperfAsync, new ClientCommand($"iperf3 -c {Vip} -t 7 -b 100M -R")),
        new("iperf3, download", "iperf3", 5201, IperfAsync, new ClientCommand($"iperf3 -c {Vip} -t 7 -b 100M -R --repeating-payload")) { Option = "--repeating-payload" },
        new("sshd, a command's output", "openssh-server", 2222, SshServer.StartAsync, SshServer.Load),
    ];

    /// <summary>Those whose answers depend on nothing but what their client has said.</summary>
    public static IReadOnlyList<ServerCase> Steady { get; } = [All[2], All[5], All[6]];

    /// <summary>Writes the file that is downloaded, with one date.</summary>
    public static async Task WriteFileAsync(string directory, CancellationToken cancellation)
    {
        var path = Path.Combine(directory, "file");
        await File.WriteAllBytesAsync(path, s_file, cancellation);
        File.SetLastWriteTimeUtc(path, new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    }

    /// <summary>Runs a command that has to succeed.</summary>
    public static Task RequireAsync(params string[] command) => CommandRunner.RequireAsync(command);

    private static byte[] RandomFile()
    {
        var file = new byte[FileBytes];
#pragma warning disable CA5394 // Content, no secret.
        new Random(1).NextBytes(file);
#pragma warning restore CA5394
        return file;
    }

    private static bool IsFile(string directory) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(directory, "got")))).Equals(Convert.ToHexString(SHA256.HashData(s_file)), StringComparison.Ordinal);

    private static ClientCommand Download(string what) => new($"curl -sS --fail --limit-rate 5M -o got {what}", IsFile);

    private static ClientCommand Ftp => new($"curl -sS --fail --limit-rate 5M -o got ftp://{Vip}/file", IsFile);

    private static Conversations WebRequests(int port) => new(port, 8, s_pause, static _ => Enumerable.Repeat(
        new Exchange("GET /small HTTP/1.1\r\nHost: x\r\n\r\n", static text => text.EndsWith("the end\n", StringComparison.Ordinal), static text => text.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal)), int.MaxValue));

    private static ClientCommand Mosquitto => new(
        $"mosquitto_sub -d -h {Vip} -i sub -t t -q 1 -C 300 > got & sleep 0.3; seq 300 | while read i; do echo $i; sleep 0.02; done | mosquitto_pub -d -h {Vip} -i pub -t t -q 1 -l; wait; grep CONNECT got >&2",
        static directory => File.ReadLines(Path.Combine(directory, "got")).Where(static line => int.TryParse(line, CultureInfo.InvariantCulture, out _)).SequenceEqual(Enumerable.Range(1, 300).Select(static i => i.ToString(CultureInfo.InvariantCulture)), StringComparer.Ordinal),
        static log => log.Split("sending CONNECT").Length - 2);

    private static Task<string[]> Command(params string[] command) => Task.FromResult(command);

    private static Task<string[]> RedisAsync(BenchLab lab, LabHost node, CancellationToken cancellation) =>
        Command("redis-server", "--port", "6379", "--bind", "*", "--protected-mode", "no", "--dir", lab.Laboratory.DataDirectory(node), "--save", "");

    private static Task<string[]> IperfAsync(BenchLab lab, LabHost node, CancellationToken cancellation) => Command("iperf3", "-s");

    private static Task<string[]> DnsmasqAsync(BenchLab lab, LabHost node, CancellationToken cancellation) => Command(
        "dnsmasq", "-k", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--address=/test/192.0.2.1", "--user=root", $"--pid-file={lab.Laboratory.DataDirectory(node)}/pid");

    private static async Task<string[]> MosquittoAsync(BenchLab lab, LabHost node, CancellationToken cancellation)
    {
        var file = Path.Combine(lab.Laboratory.DataDirectory(node), "mosquitto.conf");
        await File.WriteAllTextAsync(file, "listener 1883\nallow_anonymous true\nuser root\n", cancellation);
        return ["mosquitto", "-c", file];
    }

    private static async Task<string[]> FtpAsync(BenchLab lab, LabHost node, string more, CancellationToken cancellation)
    {
        var disk = lab.Laboratory.DataDirectory(node);
        var (root, file) = (Path.Combine(disk, "ftp"), Path.Combine(disk, "vsftpd.conf"));
        Directory.CreateDirectory(root);
        await WriteFileAsync(root, cancellation);
        await RequireAsync("mkdir", "-p", "/run/vsftpd/empty");
        await File.WriteAllTextAsync(
            file, $"listen=YES\nbackground=NO\nanonymous_enable=YES\nanon_root={root}\nsecure_chroot_dir=/run/vsftpd/empty\nxferlog_enable=NO\nrun_as_launching_user=NO\nuse_localtime=NO\n{more}", cancellation);
        return ["vsftpd", file];
    }

    private static async Task<string[]> EximAsync(BenchLab lab, LabHost node, CancellationToken cancellation)
    {
        var disk = lab.Laboratory.DataDirectory(node);
        var (spool, file) = (Path.Combine(disk, "spool"), Path.Combine(disk, "exim.conf"));
        await RequireAsync("install", "-d", "-o", "Debian-exim", "-g", "Debian-exim", spool);
        await File.WriteAllTextAsync(
            file,
            $"""
            primary_hostname = mail.test
            smtp_banner = mail.test ESMTP
            spool_directory = {spool}
            log_file_path = {spool}/%slog
            pid_file_path = {spool}/pid
            exim_user = Debian-exim
            exim_group = Debian-exim
            host_lookup =
            rfc1413_query_timeout = 0s
            queue_only = true
            keep_environment =
            smtp_accept_max_per_connection = 0
            tls_advertise_hosts =
            acl_smtp_rcpt = all
            acl_smtp_data = all
            begin acl
            all:
              accept

            """,
            cancellation);
        return ["exim4", "-bdf", "-oX", "25", "-C", file];
    }

    /// <summary>
    /// A key that no connection has used before. A node that has joined repeats what was asked on earlier connections side by side with
    /// what is asked now; if both were about one key, its server would rightly be said to differ.
    /// </summary>
    private static string NewKey() => $"k{Interlocked.Increment(ref s_keys)}";

    private static IEnumerable<Exchange> Memcached(int connection)
    {
        var key = NewKey();
        yield return Exchange.Of($"set {key} 0 0 1\r\n0\r\n", "STORED\r\n");
        for (var i = 1; ; i++)
        {
            yield return Exchange.Of($"incr {key} 1\r\n", $"{i}\r\n");
        }
    }

    private static IEnumerable<Exchange> OwnKey(int connection)
    {
        var key = NewKey();
        yield return Exchange.Of($"SET {key} 0\r\n", "+OK\r\n");
        foreach (var exchange in Increments(key, static (last, next) => next == last + 1))
        {
            yield return exchange;
        }
    }

    /// <summary>A key that others increment, too, gives numbers that rise.</summary>
    private static IEnumerable<Exchange> OneKey(int connection) => Increments("n", static (last, next) => next > last);

    private static IEnumerable<Exchange> Increments(string key, Func<long, long, bool> follows)
    {
        var last = 0L;
        while (true)
        {
            yield return new Exchange(
                $"INCR {key}\r\n",
                static text => text.EndsWith("\r\n", StringComparison.Ordinal),
                text =>
                {
                    var before = last;
                    return text.StartsWith(':') && long.TryParse(text.AsSpan(1).TrimEnd("\r\n"), CultureInfo.InvariantCulture, out last) && follows(before, last);
                });
        }
    }

    private static IEnumerable<Exchange> Mail(int connection)
    {
        yield return Exchange.Line("", "220 ");
        yield return Exchange.Line("HELO client.test\r\n", "250 ");
        while (true)
        {
            yield return Exchange.Line("MAIL FROM:<a@client.test>\r\n", "250 OK");
            yield return Exchange.Line("RCPT TO:<b@mail.test>\r\n", "250 Accepted");
            yield return Exchange.Line("DATA\r\n", "354 ");
            yield return Exchange.Line("Subject: s\r\n\r\ntext\r\n.\r\n", "250 OK id=");
        }
    }

    /// <summary>RFC 1035 section 4: a query for the address of a name; over TCP with its length before it.</summary>
    private static IEnumerable<Exchange> Names(int connection, bool isTcp)
    {
        for (var i = 0; !isTcp || i < 90; i++)
        {
            var id = $"{(char)connection}{(char)(i & 0xff)}";
            var name = $"n{i % 1000:000}";
            var query = $"{id}\x1\0\0\x1\0\0\0\0\0\0\x4{name}\x4test\0\0\x1\0\x1";
            yield return new Exchange(
                isTcp ? $"\0{(char)query.Length}{query}" : query,
                text => !isTcp || (text.Length > 2 && text.Length >= 2 + (text[0] << 8) + text[1]),
                text => text[(isTcp ? 2 : 0)..].StartsWith(id, StringComparison.Ordinal) && text.EndsWith("\xc0\0\x2\x1", StringComparison.Ordinal));
        }
    }
}
