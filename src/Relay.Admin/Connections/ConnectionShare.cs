using Relay.Admin.Identity;

namespace Relay.Admin.Connections;

/// <summary>
/// Connections under one bound, in all and by account. One too many is never the newest: the one that was still for longest makes
/// room, so that whoever asks is let in, however many only wait. Not thread-safe.
/// </summary>
/// <param name="most">How many there may be.</param>
/// <param name="mostOfAccount">How many of them one account may have.</param>
internal sealed class ConnectionShare(int most, int mostOfAccount)
{
    private readonly LinkedList<ClientConnection> _all = [];
    private readonly Dictionary<Account, LinkedList<ClientConnection>> _accounts = [];

    /// <summary>Takes one in.</summary>
    /// <returns>The one that has to go for it, and has no place any more; null for none.</returns>
    public ClientConnection? Add(ClientConnection connection, Account account)
    {
        if (!_accounts.TryGetValue(account, out var own))
            _accounts[account] = own = [];
        (connection.Share, connection.Account) = (this, account);
        connection.Place = _all.AddLast(connection);
        connection.AccountPlace = own.AddLast(connection);
        var evicted = own.Count > mostOfAccount ? own.First!.Value : _all.Count > most ? _all.First!.Value : null;
        if (evicted is not null)
            Remove(evicted);
        return evicted;
    }

    /// <summary>One was not still.</summary>
    public void Touch(ClientConnection connection)
    {
        _all.Remove(connection.Place!);
        _all.AddLast(connection.Place!);
        var own = _accounts[connection.Account];
        own.Remove(connection.AccountPlace!);
        own.AddLast(connection.AccountPlace!);
    }

    /// <summary>One has gone.</summary>
    public void Remove(ClientConnection connection)
    {
        _all.Remove(connection.Place!);
        var own = _accounts[connection.Account];
        own.Remove(connection.AccountPlace!);
        if (own.Count == 0)
            _accounts.Remove(connection.Account);
        (connection.Share, connection.Place, connection.AccountPlace) = (null, null, null);
    }
}
