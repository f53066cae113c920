using System.Diagnostics;
using Appliance.Gateway.Recording;
using Appliance.Lab;
using Appliance.Lab.Processes;
using Appliance.Lab.Savefiles;

namespace Appliance.Tests.Unit.Savefiles;

[TestClass]
public sealed class RecordRunTests : RecordingApiTest
{
    /// <summary>Bytes of a savefile without packets.</summary>
    private const int FileHeader = 24;

    private readonly string _directory = Directory.CreateTempSubdirectory("appliance-record").FullName;

    private string Savefile => Path.Combine(_directory, "file.pcap");

    [TestCleanup]
    public void RemoveFiles() => Directory.Delete(_directory, recursive: true);

    [TestMethod]
    public async Task One_flow_is_fetched_as_it_stands()
    {
        Recordings.Held.Add(new FlowRecording(Sample.V4, Sample.Handshake(), 0, [Piece(0, "hello")]));
        Assert.AreEqual(0, await RunAsync(Run() with { Flow = Sample.V4 }));
        Assert.HasCount(4, await PacketsAsync());
    }

    [TestMethod]
    public async Task Everything_held_is_fetched()
    {
        Recordings.Held.Add(new FlowRecording(Sample.V4, Sample.Handshake(), 3, [Piece(3, "hello")]));
        Recordings.Held.Add(new FlowRecording(Sample.V6, Sample.Handshake(), 3, [Piece(3, "hello")]));
        Assert.AreEqual(0, await RunAsync(Run() with { Follow = false }));
        Assert.HasCount(2, await PacketsAsync());
    }

    [TestMethod]
    public async Task An_interrupted_recording_is_a_whole_file_that_has_grown_all_the_while()
    {
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var run = Run().RunAsync(interrupt.Token);
        await Recordings.Live.WriteAsync(new LiveRecord(Sample.V4, Sample.Handshake(), Piece(7, "hello"), 0), Cancellation);
        await GrownAsync();
        Assert.HasCount(1, await PacketsAsync());
        await interrupt.CancelAsync();
        Assert.AreEqual(0, await run);
        Assert.HasCount(1, await PacketsAsync());
        await Recordings.FollowerGone.Task.WaitAsync(Cancellation);
    }

    [TestMethod]
    public async Task The_tool_ends_its_file_in_order_when_it_is_ended()
    {
        string[] arguments = ["record", "--write", Savefile, "--api", $"{ApiUrl}"];
        using var tool = Process.Start(
            new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "appliance-lab"), arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        await Recordings.Live.WriteAsync(new LiveRecord(Sample.V4, Sample.Handshake(), Piece(7, "hello"), 0), Cancellation);
        await GrownAsync();

        ProcessTable.Signal(tool.Id, UnixSignal.Terminate);
        await tool.WaitForExitAsync(Cancellation);

        Assert.AreEqual(0, tool.ExitCode);
        Assert.StartsWith($"{Savefile}: 1 packets, 85 bytes, ", await tool.StandardError.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
        Assert.HasCount(1, await PacketsAsync());
    }

    [TestMethod]
    public async Task A_duration_ends_it()
    {
        Assert.AreEqual(0, await RunAsync(Run() with { Duration = TimeSpan.FromMilliseconds(1) }));
        await Recordings.FollowerGone.Task.WaitAsync(Cancellation);
    }

    [TestMethod]
    public async Task A_file_that_exists_is_left_alone()
    {
        await File.WriteAllTextAsync(Savefile, "precious", Cancellation);
        var exception = await RefuseAsync(Run());
        Assert.AreEqual($"{Savefile} exists; --force overwrites it.", exception.Message);
        Assert.AreEqual("precious", await File.ReadAllTextAsync(Savefile, Cancellation));

        Assert.AreEqual(0, await RunAsync(Run() with { Follow = false, Force = true }));
        Assert.IsEmpty(await PacketsAsync());
    }

    [TestMethod]
    public async Task What_the_gateway_says_is_the_error_and_no_file_is_left()
    {
        var exception = await RefuseAsync(Run() with { Flow = Sample.V4 });
        StringAssert.Contains(exception.Message, "There is no flow 10.0.1.2:40000->10.0.2.100:5432", StringComparison.Ordinal);
        Assert.IsFalse(File.Exists(Savefile));
    }

    [TestMethod]
    public async Task A_gateway_that_is_not_there_is_named()
    {
        await StopAsync();
        var exception = await RefuseAsync(Run());
        Assert.StartsWith($"{ApiUrl}: ", exception.Message, StringComparison.Ordinal);
        StringAssert.Contains(exception.Message, "is the gateway running?", StringComparison.Ordinal);
    }

    private async Task GrownAsync()
    {
        while (!File.Exists(Savefile) || new FileInfo(Savefile).Length <= FileHeader)
        {
            Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private RecordRun Run() => new() { File = Savefile, ApiUrl = ApiUrl };

    private Task<int> RunAsync(RecordRun run) => run.RunAsync(Cancellation);

    private Task<LabException> RefuseAsync(RecordRun run) => Assert.ThrowsExactlyAsync<LabException>(() => RunAsync(run));

    private async Task<List<(long UnixNs, byte[] Data)>> PacketsAsync() => Sample.Read(await File.ReadAllBytesAsync(Savefile, Cancellation));
}
