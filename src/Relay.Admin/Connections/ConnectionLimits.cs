using System.Net;
using Microsoft.AspNetCore.Connections;
using Relay.Admin.Diagnostics;
using Relay.Admin.Identity;

namespace Relay.Admin.Connections;

/// <summary>
/// Bounds the connections of one address that is listened on. Half of them are kept for who has shown a token, so that strangers
/// take none from nodes and operators; a connection that brings no request is not kept for long.
/// </summary>
internal sealed class ConnectionLimits(AdminConfig config, Refusals refusals, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly ConnectionShare _strangers = new(config.MaxConnections / 2, config.ConnectionsPerSource);
    private readonly ConnectionShare _known =
        new(config.MaxConnections - (config.MaxConnections / 2), config.ConnectionsPerSource);

    /// <summary>Serves a connection while it has a place.</summary>
    /// <param name="context">The connection, before TLS.</param>
    /// <param name="next">Serves it.</param>
    public async Task ServeAsync(ConnectionContext context, ConnectionDelegate next)
    {
        var connection = new ClientConnection(context, this);
        var source = Caller.SourceOf((context.RemoteEndPoint as IPEndPoint)?.Address);
        context.Features.Set(connection);
        context.Features.Set(new ConnectionSource(source));
        ClientConnection? evicted;
        lock (_gate)
        {
            evicted = _strangers.Add(connection, new Account(AccountKind.Source, source));
            connection.Silence = clock.CreateTimer(
                _ => EndSilent(connection), null, config.FirstRequestTimeout, Timeout.InfiniteTimeSpan);
        }
        End(evicted);
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                connection.Silence?.Dispose();
                connection.Share?.Remove(connection);
            }
        }
    }

    /// <summary>A connection has brought a request.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="account">Whose token the request shows; null where it shows none.</param>
    public void OnRequest(ClientConnection connection, Account? account)
    {
        ClientConnection? evicted = null;
        lock (_gate)
        {
            connection.Silence?.Dispose();
            connection.Silence = null;
            // It has made room meanwhile, and is about to end.
            if (connection.Share is not { } share)
                return;
            if (account is null || (share == _known && connection.Account == account))
                share.Touch(connection);
            else
            {
                share.Remove(connection);
                evicted = _known.Add(connection, account.Value);
            }
        }
        End(evicted);
    }

    /// <summary>A connection goes on with an answer.</summary>
    public void OnWritten(ClientConnection connection)
    {
        lock (_gate)
            connection.Share?.Touch(connection);
    }

    private void EndSilent(ClientConnection connection)
    {
        lock (_gate)
        {
            if (connection.Silence is null)
                return;
        }
        refusals.Count(Refusal.NoRequest);
        connection.End("no request came");
    }

    private void End(ClientConnection? evicted)
    {
        if (evicted is null)
            return;
        refusals.Count(Refusal.Connections);
        evicted.End("too many connections");
    }
}
