using Relay.Admin.Diagnostics;
using Relay.Admin.Identity;

namespace Relay.Admin.Http;

/// <summary>How many requests a second an account may send, and how many at once beyond that. One that is let through costs no memory.</summary>
/// <param name="config">How many.</param>
/// <param name="refusals">Counts what is refused.</param>
/// <param name="clock">The monotonic clock.</param>
internal sealed class RequestRates(AdminConfig config, Refusals refusals, TimeProvider clock)
{
    private readonly Lock _gate = new();
    // Of those who showed a token, and of all others, who cannot crowd them out by many addresses.
    private readonly Debts _known = new(clock);
    private readonly Debts _strangers = new(clock);

    /// <summary>Lets a request through, which is a report where its account is a node's.</summary>
    /// <returns>Null; otherwise why not.</returns>
    public Problem? TryPass(Account account)
    {
        var isReport = account.Kind == AccountKind.Node;
        var cost = TimeSpan.FromSeconds(1.0 / (isReport ? config.ReportsPerSecond : config.RequestsPerSecond));
        var credit = cost * (isReport ? config.ReportBurst : config.RequestBurst);
        TimeSpan wait;
        lock (_gate)
        {
            var debts = account.Kind == AccountKind.Source ? _strangers : _known;
            var debt = debts.Of(account);
            wait = (debt > TimeSpan.Zero ? debt : TimeSpan.Zero) + cost - credit;
            if (wait <= TimeSpan.Zero)
            {
                debts.Charge(account, cost);
                return null;
            }
        }
        refusals.Count(isReport ? Refusal.ReportRate : Refusal.Rate);
        return Problem.Of(Microsoft.AspNetCore.Http.StatusCodes.Status429TooManyRequests, "too many requests") with
        {
            RetryAfterSeconds = (int)Math.Ceiling(wait.TotalSeconds),
        };
    }
}
