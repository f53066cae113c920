using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Appliance.Lab;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Appliance.Tests.Support.Fuzzing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Api.Fuzz;

/// <summary>A gateway whose interface anybody may read, and one token may use for orders; requests are made up from its own description.</summary>
public abstract class ApiFuzzTest : TrafficTest
{
    /// <summary>Open connections that none of it may harm.</summary>
    protected const int Connections = 20;

    /// <summary>May order.</summary>
    protected const string OperatorToken = "correct-horse-battery-staple";

    /// <summary>May read.</summary>
    protected const string ReaderToken = "wrong-donkey-battery-staple";

    private const int AtOnce = 4;

    /// <inheritdoc/>
    protected override LabOptions Options => base.Options with { ConfigurationFile = Keep(new ConfigurationOverlay(Configuration)).Path };

    /// <summary>Decides what is sent.</summary>
    protected int Seed { get; } = FuzzSeed.Next();

    private protected HttpClient Http { get; } = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        MaxConnectionsPerServer = AtOnce,
        ResponseDrainTimeout = TimeSpan.Zero, // some answers have no end
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
    });

    private string Configuration => $$"""
        api:
          anonymous: read
          tokens:
            - { name: olga, scope: operate, secretFile: {{TokenFile(OperatorToken)}} }
            - { name: ron, scope: read, secretFile: {{TokenFile(ReaderToken)}} }
        recorder: { policy: full }
        """;

    [TestCleanup]
    public void CloseClient() => Http.Dispose();

    /// <summary>Does something while traffic runs, and asserts that the traffic and the roles have not noticed.</summary>
    private protected async Task UnharmedAsync(Func<Task> attack)
    {
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        await ProtectedAsync(Connections);
        await attack();
        await GatewayUntilAsync(gateway => gateway.Ready && gateway.Flows == Connections, $"all is well; {FuzzSeed.Hint(Seed)}");
        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);
    }

    /// <summary>The gateway's own description of its interface.</summary>
    private protected async Task<IReadOnlyList<ApiOperation>> OperationsAsync() =>
        ApiOperation.ReadAll(JsonSerializer.Deserialize<JsonElement>(await Http.GetStringAsync(new Uri(Lab.ApiUrl, "/openapi/v1.json"), Cancellation)));

    /// <summary>Sends requests, some at a time; <paramref name="assert"/> sees every answer. The result is how often each operation gave which status.</summary>
    private protected async Task<IReadOnlyDictionary<(ApiOperation Operation, int Status), int>> SendAsync(
        IEnumerable<FuzzRequest> requests, Func<FuzzRequest, HttpResponseMessage, Task> assert)
    {
        var counts = new ConcurrentDictionary<(ApiOperation, int), int>();
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancellation }, async (request, cancellation) =>
        {
            try
            {
                using var message = request.ToMessage(Lab.ApiUrl);
                using var answer = await Http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellation);
                await assert(request, answer);
                counts.AddOrUpdate((request.Operation, (int)answer.StatusCode), 1, (_, count) => count + 1);
            }
            catch (Exception exception) when (exception is AssertFailedException or HttpRequestException or JsonException or FormatException)
            {
                throw new AssertFailedException($"{request}: {exception.Message} {FuzzSeed.Hint(Seed)}", exception);
            }
        });
        return counts;
    }

    private string TokenFile(string token) => Keep(new ConfigurationOverlay(token)).Path;
}
