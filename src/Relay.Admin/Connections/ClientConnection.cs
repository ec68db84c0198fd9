using Microsoft.AspNetCore.Connections;
using Relay.Admin.Identity;

namespace Relay.Admin.Connections;

/// <summary>A connection as the limits see it; a feature of it, so that its requests find it.</summary>
/// <param name="context">The connection.</param>
/// <param name="limits">Who is told of its requests.</param>
internal sealed class ClientConnection(ConnectionContext context, ConnectionLimits limits)
{
    /// <summary>Its place among all of its share; null where it has none.</summary>
    internal LinkedListNode<ClientConnection>? Place { get; set; }

    /// <summary>Its place among those of its account.</summary>
    internal LinkedListNode<ClientConnection>? AccountPlace { get; set; }

    /// <summary>Where it has its places.</summary>
    internal ConnectionShare? Share { get; set; }

    /// <summary>Who it counts to.</summary>
    internal Account Account { get; set; }

    /// <summary>Runs until its first request; null from then on.</summary>
    internal ITimer? Silence { get; set; }

    /// <summary>A request has come.</summary>
    /// <param name="account">Whose token it shows; null where it shows none.</param>
    public void OnRequest(Account? account) => limits.OnRequest(this, account);

    /// <summary>An answer goes on being written: it is not still.</summary>
    public void OnWritten() => limits.OnWritten(this);

    /// <summary>Ends it.</summary>
    /// <param name="why">For the server's log.</param>
    internal void End(string why) => context.Abort(new ConnectionAbortedException(why));
}
