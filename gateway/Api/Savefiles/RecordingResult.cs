namespace Appliance.Gateway.Api.Savefiles;

/// <summary>An answer that is a savefile, written while it is sent.</summary>
internal sealed class RecordingResult(string name, string mediaType, Func<RecordingOutput, Task> send) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = mediaType;
        httpContext.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}.pcap\"";

        // A reader that follows must not hold up the gateway's end.
        var stopping = httpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        using var output = new RecordingOutput(httpContext.Response.Body, ending.Token);
        try
        {
            await send(output);
            await output.FlushAsync();
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The file ends after a whole packet, or nobody reads it any more.
        }
    }
}
