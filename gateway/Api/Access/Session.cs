using Appliance.Configuration;

namespace Appliance.Gateway.Api.Access;

/// <summary>A browser that has logged in.</summary>
/// <param name="Name">Whose token it had.</param>
/// <param name="Scope">What that allows.</param>
/// <param name="CsrfToken">What its requests that change state must carry as <c>X-CSRF-Token</c>: no other site can know it.</param>
/// <param name="Until">When it ends by itself.</param>
/// <param name="Ended">It has ended: what it still receives has to end as well.</param>
internal sealed record Session(string Name, ApiScope Scope, string CsrfToken, DateTimeOffset Until, CancellationToken Ended);
