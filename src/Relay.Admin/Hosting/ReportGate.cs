using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Admin.Resources;

namespace Relay.Admin.Hosting;

/// <summary>Keeps all but what nodes and probes ask from connections of <see cref="AdminConfig.ReportAddress"/>.</summary>
internal sealed class ReportGate(RequestDelegate next)
{
    /// <summary>Lets a request through, or says that there is no such path.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        if (http.Features.Get<ForReports>() is null || IsNodes(http.GetEndpoint()?.Metadata))
            return next(http);
        return ProblemResult.WriteAsync(http, Problem.NotFound("this address is for nodes' reports"));
    }

    private static bool IsNodes(EndpointMetadataCollection? metadata) => metadata is not null
        && (metadata.GetMetadata<IsProbe>() is not null || metadata.GetOrderedMetadata<IAuthorizeData>().Any(
            static data => data.Policy is Policies.Node or Policies.OperatorOrNode or Policies.ViewerOrNode));
}

/// <summary>Marks a connection of <see cref="AdminConfig.ReportAddress"/>.</summary>
internal sealed record ForReports;
