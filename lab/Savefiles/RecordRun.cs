using System.Net;
using System.Text.Json;
using Appliance.Bpf.Layout;
using Appliance.Savefiles;

namespace Appliance.Lab.Savefiles;

/// <summary>Saves what a gateway's REST interface sends. However it ends, the file holds whole packets only.</summary>
public sealed record RecordRun
{
    /// <summary>The savefile; - is standard output.</summary>
    public required string File { get; init; }

    /// <summary>One flow's recording; null for all flows.</summary>
    public FlowKey? Flow { get; init; }

    /// <summary>Of all flows: what comes from now on, or what is held?</summary>
    public bool Follow { get; init; } = true;

    /// <summary>The gateway's REST interface.</summary>
    public required Uri ApiUrl { get; init; }

    /// <summary>How long to follow; null for no limit.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Overwrite a file that exists?</summary>
    public bool Force { get; init; }

    private Uri Source => new(ApiUrl, Flow is { } flow
        ? $"/api/v1/recordings/{FlowId.Format(flow)}.pcap"
        : $"/api/v1/recordings.pcap?follow={(Follow ? "true" : "false")}");

    /// <summary>Records to the end, or until cancelled, which is an ordinary end. Returns the exit code.</summary>
    /// <exception cref="LabException">The gateway refused, or the file cannot be written.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        RefuseToOverwrite();

        // No proxy that the environment may name lies between this machine and the gateway.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var response = await AskAsync(http, ending.Token);
        await using var body = await response.Content.ReadAsStreamAsync(ending.Token);
        if (Duration is { } duration)
        {
            ending.CancelAfter(duration);
        }

        var copy = new RecordCopy(new InterruptibleStream(body, ending.Token), $"{Source}", OpenFile, new RecordProgress(File));
        try
        {
            await Task.Factory.StartNew(copy.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (SavefileException) when (ending.IsCancellationRequested)
        {
            // The end came in the middle of a packet, which is left out.
        }
        catch (Exception exception) when (exception is SavefileException or IOException or DllNotFoundException)
        {
            throw new LabException(LabFailure.CommandFailed, exception.Message, exception);
        }

        return 0;
    }

    private void RefuseToOverwrite()
    {
        if (!Force && System.IO.File.Exists(File))
        {
            throw new LabException(LabFailure.InvalidArgument, $"{File} exists; --force overwrites it.");
        }
    }

    private async Task<HttpResponseMessage> AskAsync(HttpClient http, CancellationToken cancellation)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.GetAsync(Source, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException exception)
        {
            throw new LabException(LabFailure.CommandFailed, $"{ApiUrl}: {exception.Message}: is the gateway running? --api tells where.", exception);
        }

        if (response.StatusCode == HttpStatusCode.OK)
        {
            return response;
        }

        using (response)
        {
            throw new LabException(LabFailure.CommandFailed, $"{Source}: {await ReadProblemAsync(response, cancellation)}");
        }
    }

    /// <summary>The detail of RFC 9457's problem document, or the status.</summary>
    private static async Task<string> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync(cancellation));
            if (problem.TryGetProperty("detail", out var detail) && detail.GetString() is { } text)
            {
                return text;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
        }

        return $"{(int)response.StatusCode} {response.ReasonPhrase}";
    }

    private Stream OpenFile()
    {
        try
        {
            return File == "-" ? Console.OpenStandardOutput() : new FileStream(File, Force ? FileMode.Create : FileMode.CreateNew);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LabException(LabFailure.InvalidArgument, exception.Message, exception);
        }
    }
}
