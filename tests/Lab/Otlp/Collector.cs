using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Appliance.Lab.Namespaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Appliance.Tests.Lab.Otlp;

/// <summary>What a gateway sends by OTLP over HTTP, received in a host's namespace (opentelemetry-proto, collector/*/v1).</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, ProtoMessage Message)> _received = new();
    private readonly Socket _listener;
    private readonly WebApplication _app;

    private Collector(Socket listener)
    {
        _listener = listener;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenHandle((ulong)listener.Handle));
        _app = builder.Build();
        _app.MapPost("/v1/{signal}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            _received.Enqueue((request.Path, new ProtoMessage(body.ToArray())));
            return Results.Bytes([], "application/x-protobuf");
        });
    }

    /// <summary>Data points by metric: name, attributes and value.</summary>
    public IEnumerable<(string Name, string Attributes, double Value)> Points =>
        from metric in Received("/v1/metrics", 1, 2, 2)
        from point in metric.All(5, 1).Concat(metric.All(7, 1))
        select (metric.Text(1), Attributes(point, 7), point.Double(4));

    /// <summary>All spans.</summary>
    public IEnumerable<Span> Spans => Received("/v1/traces", 1, 2, 2).Select(s => new Span(s.Hex(1), s.Hex(2), s.Hex(4), s.Text(5), s.Number(7), s.Number(8), Attributes(s, 9)));

    /// <summary>The log's lines.</summary>
    public IEnumerable<string> Lines => Received("/v1/logs", 1, 2, 2).Select(r => r.All(5).Single().Text(1));

    /// <summary>What the sender calls itself.</summary>
    public IEnumerable<string> Services => Received("/v1/metrics", 1).Select(r => Attributes(r.All(1).Single(), 1)).Distinct();

    /// <summary>Listens.</summary>
    public static async Task<Collector> StartAsync(string networkNamespace, int port)
    {
        var listener = NetworkNamespace.Run(networkNamespace, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return socket;
        });
        var collector = new Collector(listener);
        await collector._app.StartAsync();
        return collector;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _listener.Dispose();
    }

    private IEnumerable<ProtoMessage> Received(string to, params int[] path) => _received.Where(r => r.Path == to).SelectMany(r => r.Message.All(path));

    private static string Attributes(ProtoMessage owner, int field) => string.Join(' ', owner.All(field)
        .Select(a => (Key: a.Text(1), Value: a.All(2).Single()))
        .Select(a => $"{a.Key}={(a.Value.Text(1) is { Length: > 0 } text ? text : a.Value.Number(3).ToString(System.Globalization.CultureInfo.InvariantCulture))}"));
}

/// <summary>A span; times are nanoseconds since 1970.</summary>
internal sealed record Span(string Trace, string Id, string Parent, string Name, ulong Start, ulong End, string Attributes);
