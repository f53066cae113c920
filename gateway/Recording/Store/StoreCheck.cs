using Appliance.Configuration;
using Appliance.Host.Checks;

namespace Appliance.Gateway.Recording.Store;

/// <summary>Can the configured store be used? Nothing is left behind in it but the key that every attempt to connect lets expire.</summary>
internal static class StoreCheck
{
    public static Task RunAsync(RecorderOptions options, Checklist list)
    {
        switch (options.Store)
        {
            case StoreKind.Redis:
                return CheckServerAsync(options, list);
            case StoreKind.Embedded:
                list.Try("recorder.dataDirectory", options.DataDirectory, () => EmbeddedGarnet.RequireUsable(options.DataDirectory, options.EmbeddedPort));
                break;
            default:
                list.Warning("recorder.redis", "none: a gateway that is restarted or replaced has nothing of what clients have sent, but for what its record ring holds");
                break;
        }
        return Task.CompletedTask;
    }

    private static async Task CheckServerAsync(RecorderOptions options, Checklist list)
    {
        const string Subject = "recorder.redis";
        if (!list.TryGet(Subject, s => s.Description, () => ConnectionSettings.Parse(options.ConnectionString), out var settings))
        {
            return;
        }
        try
        {
            var connector = new StoreConnector(Task.FromResult(settings), new StoreKeys(options.KeyPrefix), settings.Description, options.Timeout, commit: null);
            var (connection, full) = await connector.ConnectAsync(CancellationToken.None);
            await connection.DisposeAsync();
            if (full is not null)
            {
                list.Warning(Subject, full.Message);
            }
        }
        catch (StoreException e)
        {
            // Protection goes on from memory meanwhile, and the gateway connects once it can.
            list.Warning(Subject, e.Message);
        }
    }
}
