using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Api.Fuzz;

/// <summary>What holds for every answer, whatever was asked.</summary>
internal static class AnswerRules
{
    private const string Problem = "application/problem+json";
    private const string Json = "application/json";

    /// <summary>Asserts that an answer is one that the description promises, and that an error says what is wrong.</summary>
    public static async Task AssertAsync(FuzzRequest request, HttpResponseMessage answer, CancellationToken cancellation)
    {
        var status = (int)answer.StatusCode;
        var type = answer.Content.Headers.ContentType?.MediaType;
        Assert.IsLessThan(500, status, "the gateway is at fault");
        Assert.IsTrue(request.Operation.Answers.TryGetValue(status, out var types), $"{status} is not described");
        Assert.IsTrue(types!.Count == 0 ? type is null : types.Contains(type), $"{type} of {status} is not described");
        if (status >= 400)
        {
            Assert.AreEqual(Problem, type);
            var problem = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(cancellation));
            Assert.AreEqual(status, problem.GetProperty("status").GetInt32());
            Assert.AreNotEqual("", problem.GetProperty("title").GetString());
        }
        else if (type == Json)
        {
            JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(cancellation));
            AssertLinks(answer.Headers);
        }
    }

    /// <summary>Where an answer leads, there has to be something.</summary>
    private static void AssertLinks(HttpResponseHeaders headers)
    {
        if (headers.TryGetValues("Link", out var links))
        {
            Assert.DoesNotContain("offset=-", string.Join(", ", links));
        }
    }
}
