using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Appliance.Host;
using Garnet;

namespace Appliance.Gateway.Recording.Store;

/// <summary>
/// A Garnet server in this process: nothing to install. It listens on the loopback address alone, behind a password that is
/// made up at every start. What it has acknowledged is in its append-only file, so it survives the process.
/// </summary>
public sealed class EmbeddedGarnet : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int Attempts = 5;
    private const string Folder = "garnet-2";

    private static readonly TimeSpan s_takeDown = TimeSpan.FromSeconds(2);

    /// <summary>What a batch ends with: its answer comes when all before it is in the file.</summary>
    internal const string Commit = "COMMITAOF";

    private readonly string _directory;
    private readonly FileStream _claim;
    private readonly Task<GarnetServer> _server;
    private readonly string _password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
    private int _port;

    private EmbeddedGarnet(string directory, FileStream claim, int port, ILogger logger)
    {
        HadData = Directory.Exists(Path.Combine(directory, "AOF"));
        _directory = directory;
        _claim = claim;
        _server = Task.Run(() => Launch(port, logger));
        ConnectionString = TellAsync();
    }

    /// <summary>For <see cref="StoreSettings.ConnectionString"/>, with the password; complete once it has read its data and listens.</summary>
    /// <exception cref="StartupException">It does not start.</exception>
    public Task<string> ConnectionString { get; }

    /// <summary>Has there been a server in the directory before?</summary>
    public bool HadData { get; }

    /// <summary>For people.</summary>
    public string Description => $"embedded Garnet ({_directory})";

    /// <summary>
    /// Starts it, with what an earlier process left in the directory, which takes seconds when that is much: this returns
    /// before. Data that cannot be read are moved aside.
    /// </summary>
    /// <param name="dataDirectory">Where its files go, into <c>garnet-2</c>; made when absent.</param>
    /// <param name="port">Port on 127.0.0.1; 0 takes any free one.</param>
    /// <param name="logger">Hears of data that cannot be read.</param>
    /// <exception cref="StartupException">The directory cannot be used, or the port is taken.</exception>
    public static EmbeddedGarnet Start(string dataDirectory, int port, ILogger logger)
    {
        if (port != 0)
        {
            RequireFree(port);
        }
        var directory = Path.Combine(dataDirectory, Folder);
        return new EmbeddedGarnet(directory, Claim(directory), port, logger);
    }

    /// <summary>Could <see cref="Start"/> start it? Makes nothing that is not there.</summary>
    /// <exception cref="StartupException">As for <see cref="Start"/>.</exception>
    internal static void RequireUsable(string dataDirectory, int port)
    {
        if (port != 0)
        {
            RequireFree(port);
        }
        if (Path.Combine(dataDirectory, Folder) is var directory && Directory.Exists(directory))
        {
            Claim(directory).Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ((IAsyncResult)_server).AsyncWaitHandle.WaitOne();
        if (_server.IsCompletedSuccessfully)
        {
            _server.Result.Dispose();
        }
        _ = _server.Exception;
        _ = ConnectionString.Exception;
        _claim.Dispose();
    }

    private async Task<string> TellAsync()
    {
        try
        {
            await _server;
        }
        catch (Exception e)
        {
            throw new StartupException($"recorder.dataDirectory: the embedded store in {_directory} does not start: {e.Message}");
        }
        return string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port},password={_password}");
    }

    private GarnetServer Launch(int port, ILogger logger)
    {
        for (var attempt = 1; ; attempt++)
        {
            _port = port == 0 ? Listen(0) : port;
            GarnetServer? server = null;
            try
            {
                server = new GarnetServer(Arguments(_directory, _port, _password));
                server.Start();
                return server;
            }
            catch (Exception e) when (attempt < Attempts && (e is SocketException ? port == 0 : attempt == 1))
            {
                server?.Dispose();
                if (e is not SocketException) // somebody took the free port meanwhile
                {
                    StoreLog.Unreadable(logger, MoveAside(_directory), e.Message);
                }
            }
        }
    }

    /// <summary>docs/recordings.md gives the reasons and the figures.</summary>
    private static string[] Arguments(string directory, int port, string password) =>
    [
        "--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--auth", "Password", "--password", password,
        "--memory", "64m", "--page", "1m", "--segment", "64m", "--index", "4m", "--index-max-size", "64m",
        "--storage-tier", "--logdir", directory, "--checkpointdir", directory, "--recover", "--fail-on-recovery-error",
        "--aof", "--aof-commit-freq", "-1",
        "--aof-memory", "16m", "--aof-page-size", "4m", "--aof-segment-size", "64m", "--aof-size-limit", "128m",
        "--compaction-type", "Lookup", "--compaction-max-segments", "4",
        "--device-type", "RandomAccess", "--max-databases", "1", "--no-pubsub", "--disable-console-logger", "-q",
    ];

    private static FileStream Claim(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory, OwnerOnly);
            File.SetUnixFileMode(directory, OwnerOnly);
            return ClaimFile(Path.Combine(directory, "claim"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"recorder.dataDirectory: {directory} cannot be used: {e.Message}: name a directory that the gateway may write and no other gateway uses, or set recorder.redis");
        }
    }

    /// <summary>A process that was killed keeps its files for as long as the kernel needs to take it down.</summary>
    private static FileStream ClaimFile(string file)
    {
        for (var started = Stopwatch.StartNew(); ; Thread.Sleep(10))
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (started.Elapsed < s_takeDown)
            {
                // Once more.
            }
        }
    }

    private static string MoveAside(string directory)
    {
        var aside = $"{directory}.unreadable-{DateTime.UtcNow:yyyyMMdd-HHmmss}";
        Directory.CreateDirectory(aside, OwnerOnly);
        foreach (var entry in Directory.EnumerateDirectories(directory))
        {
            Directory.Move(entry, Path.Combine(aside, Path.GetFileName(entry)));
        }
        return aside;
    }

    private static void RequireFree(int port)
    {
        try
        {
            Listen(port);
        }
        catch (SocketException e)
        {
            throw new StartupException($"recorder.embeddedPort: 127.0.0.1:{port}: {e.Message}: choose a free port, or 0 for any");
        }
    }

    private static int Listen(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen();
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
