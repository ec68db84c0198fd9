using Relay.Admin.Identity;

namespace Relay.Admin.Http;

/// <summary>
/// What accounts have taken on credit, as time: it passes by itself. Each costs one number; those that owe nothing any more are
/// forgotten, and those beyond a bound share one. Not for several threads at once.
/// </summary>
/// <param name="clock">The monotonic clock.</param>
internal sealed class Debts(TimeProvider clock)
{
    private const int MaxAccounts = 65_536;

    private static readonly TimeSpan ForgetPeriod = TimeSpan.FromSeconds(5);

    private readonly Dictionary<Account, TimeSpan> _paidUntil = [];
    private readonly long _begun = clock.GetTimestamp();
    private TimeSpan _forgetAfter;

    /// <summary>What an account owes now; not above zero where it owes nothing.</summary>
    public TimeSpan Of(Account account) => _paidUntil.GetValueOrDefault(PlaceOf(account)) - Now;

    /// <summary>An account takes more.</summary>
    public void Charge(Account account, TimeSpan time)
    {
        var (place, now) = (PlaceOf(account), Now);
        var from = _paidUntil.GetValueOrDefault(place);
        _paidUntil[place] = (from > now ? from : now) + time;
    }

    /// <summary>An account gives back what it has not used.</summary>
    public void Return(Account account, TimeSpan time)
    {
        var place = PlaceOf(account);
        if (_paidUntil.TryGetValue(place, out var until))
            _paidUntil[place] = until - time;
    }

    private TimeSpan Now => clock.GetElapsedTime(_begun);

    private Account PlaceOf(Account account) =>
        _paidUntil.ContainsKey(account) || _paidUntil.Count < MaxAccounts || Forget() ? account : default;

    // A walk over the whole table: not for each request.
    private bool Forget()
    {
        var now = Now;
        if (now < _forgetAfter)
            return false;
        _forgetAfter = now + ForgetPeriod;
        foreach (var (account, until) in _paidUntil)
        {
            if (until <= now)
                _paidUntil.Remove(account);
        }
        return _paidUntil.Count < MaxAccounts;
    }
}
