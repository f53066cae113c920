using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;

namespace Appliance.Lab.Commands;

/// <summary><c>failover</c>: orders a switchover at a gateway.</summary>
internal static class FailoverCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var forced = new Option<bool>("--forced") { Description = "At once, whatever it costs; without it both nodes go on and nothing is lost" };
        var acceptLoss = new Option<bool>("--accept-loss") { Description = "Also when connections without a replica would be lost" };
        var api = CommonOptions.Api();
        var command = new Command("failover", "Move the service to the replica, in good order") { forced, acceptLoss, api, CommonOptions.Name, CommonOptions.Json };
        command.SetAction((parsed, cancellation) => CommandGuard.RunAsync(() => RunAsync(
            parsed.GetValue(api) ?? GatewayUrl.OfLabOrHost(parsed.GetValue(CommonOptions.Name)!),
            parsed.GetValue(forced) ? "forced" : "planned",
            parsed.GetValue(acceptLoss),
            parsed.GetValue(CommonOptions.Json),
            cancellation)));
        return command;
    }

    private static async Task<int> RunAsync(Uri api, string kind, bool acceptLoss, bool json, CancellationToken cancellation)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) }) { Timeout = TimeSpan.FromSeconds(10) };
        JsonElement answer;
        try
        {
            using var response = await http.PostAsJsonAsync(new Uri(api, "/api/v1/failover"), new { kind, acceptLoss }, cancellation);
            answer = await response.Content.ReadFromJsonAsync<JsonElement>(cancellation);
            if (!response.IsSuccessStatusCode)
            {
                throw new LabException(LabFailure.CommandFailed, Member(answer, "detail") ?? $"{api} answers {(int)response.StatusCode}.");
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new LabException(LabFailure.NotReady, $"{api}: {exception.Message}. Name the gateway's REST interface with --api.", exception);
        }

        Console.WriteLine(json ? answer.ToString() : $"{Member(answer, "active")} holds the service, epoch {Member(answer, "epoch")}.");
        return 0;
    }

    private static string? Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member) ? member.ToString() : null;
}
