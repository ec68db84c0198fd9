using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Relay.Admin.Enrolments;

namespace Relay.Admin.Hosting;

/// <summary>
/// Takes the token out of a request before anything else sees it: what the framework notes of requests, in scopes, activities and lines,
/// has no path of theirs.
/// </summary>
internal sealed class TokenCut(IServiceProvider services) : IHttpContextFactory
{
    private readonly DefaultHttpContextFactory _inner = new(services);

    /// <inheritdoc/>
    public HttpContext Create(IFeatureCollection featureCollection)
    {
        var request = featureCollection.GetRequiredFeature<IHttpRequestFeature>();
        if (EnrolRequest.Of(request.Path) is { } asked)
            featureCollection.Set(asked);
        request.Path = request.RawTarget = "/";
        request.QueryString = "";
        return _inner.Create(featureCollection);
    }

    /// <inheritdoc/>
    public void Dispose(HttpContext httpContext) => _inner.Dispose(httpContext);
}
