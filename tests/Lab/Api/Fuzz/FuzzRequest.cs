using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Appliance.Tests.Lab.Api.Fuzz;

/// <summary>A request that was made up.</summary>
/// <param name="Operation">What it asks for.</param>
/// <param name="PathAndQuery">The address, escaped.</param>
/// <param name="Headers">Names and values; no control characters.</param>
/// <param name="ContentType">Of the body; null for none.</param>
/// <param name="Body">The body; null for none.</param>
internal sealed record FuzzRequest(
    ApiOperation Operation, string PathAndQuery, IReadOnlyList<(string Name, string Value)> Headers, string? ContentType, byte[]? Body)
{
    private const int Shown = 400;

    /// <summary>To be sent.</summary>
    public HttpRequestMessage ToMessage(Uri api)
    {
        var address = new Uri(api.GetLeftPart(UriPartial.Authority) + PathAndQuery, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(new HttpMethod(Operation.Method), address) { Version = HttpVersion.Version11 };
        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Headers.ExpectContinue = Body.Length > ushort.MaxValue; // or an early refusal could be lost with the connection
            if (ContentType is not null)
            {
                message.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
            }
        }

        return message;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var headers = string.Join(", ", Headers.Select(header => $"{header.Name}: {Short(header.Value)}"));
        return $"{Operation.Method} {Short(PathAndQuery)} [{headers}] {ContentType}: {(Body is null ? "no body" : Short(Encoding.Latin1.GetString(Body)))}";
    }

    private static string Short(string text) => text.Length > Shown ? $"{text[..Shown]}… ({text.Length} characters)" : text;
}
