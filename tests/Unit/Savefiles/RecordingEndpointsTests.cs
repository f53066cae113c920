using System.Net;
using System.Text.Json;
using Appliance.Gateway.Recording;
using Appliance.Lab.Savefiles;
using Appliance.Native;
using Appliance.Savefiles;

namespace Appliance.Tests.Unit.Savefiles;

[TestClass]
public sealed class RecordingEndpointsTests : RecordingApiTest
{
    [TestMethod]
    [DataRow("10.0.1.2~40000~10.0.2.100~5432")]
    [DataRow("10.0.1.2:40000-%3E10.0.2.100:5432")]
    public async Task A_flow_is_a_savefile(string id)
    {
        Recordings.Held.Add(new FlowRecording(Sample.V4, Sample.Handshake(), 0, [Piece(0, "hello "), Piece(6, "world", fin: true)]));

        using var response = await GetAsync($"recordings/{id}.pcap");

        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        Assert.AreEqual("application/vnd.tcpdump.pcap", response.Content.Headers.ContentType!.MediaType);
        Assert.AreEqual("10.0.1.2~40000~10.0.2.100~5432.pcap", response.Content.Headers.ContentDisposition!.FileName);
        Assert.AreEqual("0", response.Headers.GetValues("X-Recording-Start").Single());
        var stream = Streams(await response.Content.ReadAsByteArrayAsync(Cancellation)).Single();
        Assert.IsTrue(stream.HasBeginning);
        Assert.AreEqual(11, stream.End?.Offset);
        var boot = DateTime.UtcNow - MonotonicClock.Duration(MonotonicClock.Now);
        var start = DateTime.UnixEpoch.AddMicroseconds(stream.StartNs / 1000);
        Assert.IsLessThan(TimeSpan.FromMinutes(1), (start - boot).Duration(), "wall clock");
    }

    [TestMethod]
    [DataRow("fd00:1::2~40000~fd00:2::100~5432")]
    [DataRow("%5Bfd00:1::2%5D:40000-%3E%5Bfd00:2::100%5D:5432")]
    public async Task An_ipv6_flow_goes_by_both_names(string id)
    {
        Recordings.Held.Add(new FlowRecording(Sample.V6, Sample.Handshake(), 0, []));
        using var response = await GetAsync($"recordings/{id}.pcap");
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        Assert.AreEqual("fd00-1--2~40000~fd00-2--100~5432.pcap", response.Content.Headers.ContentDisposition!.FileName);
        Assert.HasCount(3, Sample.Read(await response.Content.ReadAsByteArrayAsync(Cancellation)), "a client that has said nothing has shaken hands");
    }

    [TestMethod]
    public async Task Bytes_that_were_let_go_are_told()
    {
        Recordings.Held.Add(new FlowRecording(Sample.V4, Sample.Handshake(), 700, [Piece(700, "rest")]));
        using var response = await GetAsync("recordings/10.0.1.2~40000~10.0.2.100~5432.pcap");
        Assert.AreEqual("700", response.Headers.GetValues("X-Recording-Start").Single());
        Assert.IsFalse(Streams(await response.Content.ReadAsByteArrayAsync(Cancellation)).Single().HasBeginning);
    }

    [TestMethod]
    [DataRow("10.0.1.2~40000~10.0.2.100", HttpStatusCode.BadRequest, "flow: '10.0.1.2~40000~10.0.2.100' must be clientAddress~clientPort~serviceAddress~servicePort")]
    [DataRow("x", HttpStatusCode.BadRequest, "flow: 'x' must be")]
    [DataRow("10.0.1.2~1~10.0.2.100~5432", HttpStatusCode.NotFound, "There is no flow 10.0.1.2:1->10.0.2.100:5432")]
    [DataRow("10.0.1.2~40000~10.0.2.100~5432", HttpStatusCode.NotFound, "recorder.policy: full")]
    public async Task What_cannot_be_had_is_a_problem_with_a_remedy(string id, HttpStatusCode status, string detail)
    {
        Recordings.Held.Add(new FlowRecording(Sample.V4, Sample.Handshake(), 700, []));
        using var response = await GetAsync($"recordings/{id}.pcap");
        Assert.AreEqual(status, response.StatusCode);
        Assert.AreEqual("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        StringAssert.Contains(problem.GetProperty("detail").GetString(), detail, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task All_flows_make_one_file()
    {
        var big = new string('x', 300_000);
        Recordings.Held.Add(new FlowRecording(Sample.V4, Sample.Handshake(), 0, [Piece(0, big)]));
        Recordings.Held.Add(new FlowRecording(Sample.V6, Sample.Handshake(), 5, [Piece(5, "six")]));
        var streams = Streams(await Http.GetByteArrayAsync(new Uri("/api/v1/recordings.pcap", UriKind.Relative), Cancellation));
        Assert.AreSequenceEqual([(Sample.V4, 300_000), (Sample.V6, 3)], streams.Select(s => (s.Flow, s.Pieces.Sum(p => p.Bytes.Length))));
    }

    [TestMethod]
    public async Task No_flows_make_an_empty_file() =>
        Assert.IsEmpty(Sample.Read(await Http.GetByteArrayAsync(new Uri("/api/v1/recordings.pcap?follow=false", UriKind.Relative), Cancellation)));

    [TestMethod]
    public async Task Following_shows_every_piece_at_once_until_the_reader_goes()
    {
        var response = await GetAsync("recordings.pcap?follow=true");
        await using (var body = await response.Content.ReadAsStreamAsync(Cancellation))
        {
            using var reader = await Task.Run(() => new SavefileReader(body, "body"), Cancellation);
            foreach (var (offset, packets) in new[] { (0, 4), (1, 1) })
            {
                await Recordings.Live.WriteAsync(new LiveRecord(Sample.V4, Sample.Handshake(), null, 3), Cancellation);
                await Recordings.Live.WriteAsync(new LiveRecord(Sample.V4, Sample.Handshake(), Piece(offset, "x"), 0), Cancellation);
                for (var i = 0; i < packets; i++)
                {
                    Assert.IsTrue(await Task.Run(() => reader.TryRead(out _), Cancellation));
                }
            }
        }

        response.Dispose();
        await Recordings.FollowerGone.Task.WaitAsync(Cancellation);
    }

    [TestMethod]
    public async Task A_follower_does_not_hold_up_the_gateways_end()
    {
        using var response = await GetAsync("recordings.pcap?follow=true");
        var body = response.Content.ReadAsByteArrayAsync(Cancellation);
        await StopAsync();
        await Recordings.FollowerGone.Task.WaitAsync(Cancellation);
        Assert.IsEmpty(Sample.Read(await body), "the file is whole");
    }

    private static IReadOnlyList<RecordedStream> Streams(byte[] file)
    {
        using var reader = new SavefileReader(new MemoryStream(file), "answer");
        return SavefileStreams.Read(reader, "answer").Streams;
    }

    private Task<HttpResponseMessage> GetAsync(string path) =>
        Http.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancellation);
}
