using Microsoft.AspNetCore.Http;
using Relay.Admin.Connections;
using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Admin.Resources;

namespace Relay.Admin.Hosting;

/// <summary>Counts a request to its account: its connection among those of the account, and the request to its rate.</summary>
internal sealed class RequestGate(RequestDelegate next, RequestRates rates, NodeProcesses processes)
{
    /// <summary>Lets a request through, or says when to come again.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        var account = AccountOf(http, processes);
        Know(http, account);
        // A probe that is refused costs as much as one that is answered, and has somebody restart the process.
        return http.GetEndpoint()?.Metadata.GetMetadata<IsProbe>() is null && rates.TryPass(account) is { } refusal
            ? ProblemResult.WriteAsync(http, refusal) : next(http);
    }

    /// <summary>A connection has brought a request.</summary>
    public static void Know(HttpContext http, Account account) =>
        http.Features.Get<ClientConnection>()?.OnRequest(Caller.Of(http) is null ? null : account);

    /// <summary>
    /// What a request is counted to. Many nodes may share an address: each has an account of its own. Of a token of many nodes, whose names
    /// cost nothing, so have those that were answered there before; the others share one at each source.
    /// </summary>
    public static Account AccountOf(HttpContext http, NodeProcesses processes)
    {
        var caller = Caller.Of(http);
        var isPattern = caller is { Token.IsPattern: true };
        if (http.GetEndpoint()?.Metadata.GetMetadata<IsReport>() is not null && http.Request.RouteValues["id"] is string node
            && caller?.MaySpeakFor(node) == true && (!isPattern || processes.IsKnown(node, Caller.SourceOf(http))))
            return new Account(AccountKind.Node, node);
        return isPattern ? new Account(AccountKind.Token, caller!.Name, Caller.SourceOf(http)) : Caller.AccountOf(http);
    }
}
