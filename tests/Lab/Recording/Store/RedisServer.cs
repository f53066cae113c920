using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Appliance.Lab.Processes;
using Appliance.Tests.Lab.Support;

namespace Appliance.Tests.Lab.Recording.Store;

/// <summary>Debian's redis-server on a loopback port of its own, with nothing on disk.</summary>
internal sealed class RedisServer : IDisposable
{
    private readonly string[] _options;
    private readonly string _directory = Directory.CreateTempSubdirectory("appliance-redis-").FullName;
    private Process _process;

    private RedisServer(int port, string[] options)
    {
        Port = port;
        _options = options;
        _process = Launch();
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Connection string without options.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>A directory that goes when the server goes.</summary>
    public string WorkingDirectory => _directory;

    /// <summary>Starts one that answers, with further options on its command line.</summary>
    public static RedisServer Start(params string[] options) => StartAt(FreePort(), options);

    /// <summary>Starts one on a given port.</summary>
    public static RedisServer StartAt(int port, params string[] options)
    {
        DebianServer.Require("/usr/bin/redis-server", "redis-server");
        var server = new RedisServer(port, options);
        server.AwaitAnswer();
        return server;
    }

    /// <summary>Starts a sentinel with a configuration file.</summary>
    public static RedisServer StartSentinel(string file) => Start(file, "--sentinel");

    /// <summary>A port that is free now.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Ends it at once; its data is gone.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Starts it once more on the same port.</summary>
    public void Restart()
    {
        _process.Dispose();
        _process = Launch();
        AwaitAnswer();
    }

    /// <summary>Sends a signal.</summary>
    public void Signal(UnixSignal signal)
    {
        using var kill = Process.Start("kill", ["-s", signal == UnixSignal.Stop ? "STOP" : "CONT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Runs a command with redis-cli and returns what it prints.</summary>
    public string Cli(params string[] words)
    {
        var start = new ProcessStartInfo("redis-cli", ["-p", Port.ToString(CultureInfo.InvariantCulture), .. words])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var cli = Process.Start(start)!;
        var output = cli.StandardOutput.ReadToEnd();
        cli.WaitForExit();
        return output.TrimEnd('\n');
    }

    /// <summary>All keys.</summary>
    public IReadOnlyList<string> Keys() => [.. Cli("--scan").Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>A string key's bytes in hexadecimal.</summary>
    public string Hex(string key) =>
        Cli("eval", "local s = redis.call('get', KEYS[1]); return (s:gsub('.', function(c) return string.format('%02x', c:byte()) end))", "1", key);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private Process Launch()
    {
        string[] own =
        [
            "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1",
            "--dir", _directory, "--logfile", Path.Combine(_directory, "log"),
        ];
        return Process.Start(new ProcessStartInfo(
            "redis-server", _options.Contains("--sentinel") ? [_options[0], .. own, "--sentinel"] : [.. own, "--save", "", "--appendonly", "no", .. _options]))!;
    }

    private void AwaitAnswer()
    {
        var deadline = Stopwatch.StartNew();
        while (!_process.HasExited && deadline.Elapsed < TimeSpan.FromSeconds(15))
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException)
            {
                Thread.Sleep(5);
            }
        }
        throw new InvalidOperationException($"redis-server does not start: {File.ReadAllText(Path.Combine(_directory, "log"))}");
    }
}
