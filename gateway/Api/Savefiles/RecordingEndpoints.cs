using Appliance.Gateway.Api.Access;
using Appliance.Gateway.Recording;
using Appliance.Savefiles;
using Microsoft.AspNetCore.Mvc;

namespace Appliance.Gateway.Api.Savefiles;

/// <summary>What the gateway records, as savefiles for tcpdump and Wireshark.</summary>
public static class RecordingEndpoints
{
    /// <summary>Offset of the first byte of the stream that the file holds; more than 0 when earlier ones were let go.</summary>
    public const string StartHeader = "X-Recording-Start";

    private const string MediaType = "application/vnd.tcpdump.pcap";
    private const string ListPath = "/api/v1/flows";

    /// <summary>Maps <c>recordings.pcap</c> and <c>recordings/{flow}.pcap</c>.</summary>
    public static void MapRecordings(this IEndpointRouteBuilder app)
    {
        app.MapGet("/recordings.pcap", SendAll).RequireAuthorization(AccessRules.Read)
            .Produces<Stream>(StatusCodes.Status200OK, MediaType).WithSummary("What is held of all connections, as a savefile; with follow, what is recorded from now on.");
        app.MapGet("/recordings/{flow}.pcap", SendAsync).RequireAuthorization(AccessRules.Read)
            .Produces<Stream>(StatusCodes.Status200OK, MediaType).ProducesProblem(StatusCodes.Status404NotFound).WithSummary("What is held of one connection, as a savefile.");
    }

    private static async Task<IResult> SendAsync(string flow, [FromServices] IRecordings recordings, HttpContext http)
    {
        if (!FlowId.TryParse(flow, out var key))
        {
            return Results.Problem(
                $"flow: '{flow}' must be clientAddress~clientPort~serviceAddress~servicePort, or as {ListPath} writes it.",
                statusCode: StatusCodes.Status400BadRequest);
        }

        var recording = await recordings.FindAsync(key, http.RequestAborted);
        if (recording is null)
        {
            return Results.Problem(
                $"There is no flow {key}: it has ended and is forgotten, or never was. {ListPath} lists those that are open.",
                statusCode: StatusCodes.Status404NotFound);
        }

        if (recording.Pieces.Count == 0 && recording.Start > 0)
        {
            return Results.Problem(
                $"Nothing of {key} is held: the recorder's policy lets bytes go once the replicas have confirmed them. "
                + "recorder.policy: full keeps all of them, of connections that open from then on.",
                statusCode: StatusCodes.Status404NotFound);
        }

        http.Response.Headers[StartHeader] = $"{recording.Start}";
        return Stream(FlowId.Format(key).Replace(':', '-'), output => output.SendAsync(recording));
    }

    private static RecordingResult SendAll([FromServices] IRecordings recordings, ILoggerFactory logging, bool follow = false) => follow
        ? Stream("recordings", output => output.FollowAsync(recordings, logging.CreateLogger<RecordingOutput>()))
        : Stream("recordings", output => output.SendAllAsync(recordings));

    private static RecordingResult Stream(string name, Func<RecordingOutput, Task> send) => new(name, MediaType, send);
}
