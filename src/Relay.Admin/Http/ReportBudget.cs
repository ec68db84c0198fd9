using Relay.Admin.Diagnostics;
using Relay.Admin.Identity;

namespace Relay.Admin.Http;

/// <summary>
/// What a node's reports may cost: one at a time from where it reports, and so many bytes a second, decompressed, since that is what
/// they cost, a value as many as <see cref="ReportScan.Cost"/> says; and four times as many of all large ones that a token of many nodes sends from a source, since its names cost nothing:
/// whoever spends that keeps no other node from its small reports. Each costs one number; those that are in good standing again are
/// forgotten.
/// </summary>
/// <param name="config">How much.</param>
/// <param name="refusals">Counts what is refused.</param>
/// <param name="clock">The monotonic clock.</param>
internal sealed class ReportBudget(AdminConfig config, Refusals refusals, TimeProvider clock)
{
    /// <summary>How many nodes' worth a token of many may report from one source.</summary>
    public const int NodesOfToken = 4;

    private readonly Lock _gate = new();
    private readonly HashSet<Account> _under = [];
    private readonly Debts _debts = new(clock);

    /// <summary>How long a report may be that is small, as it is: compressed ones may unpack to anything.</summary>
    public const int MostOfSmall = 16 << 10;

    /// <summary>A report begins.</summary>
    /// <param name="node">The node, from where it reports.</param>
    /// <param name="token">Its token, from there, where that is one of many nodes; null where it is the node's own.</param>
    /// <param name="most">
    /// How large it may turn out to be, in bytes, decompressed: that much of the token's budget is kept for it until it is answered.
    /// </param>
    /// <returns>Null, and then <see cref="Leave"/> is owed; otherwise why not.</returns>
    public Problem? TryEnter(Account node, Account? token, int most)
    {
        token = most > MostOfSmall ? token : null;
        lock (_gate)
        {
            if (DebtOf(node) is var own && own > TimeSpan.Zero)
                return Refused(Refusal.ReportBytes, "the node's reports are larger than it may report for long", own);
            if (token is { } many && DebtOf(many) is var debt && debt > TimeSpan.Zero)
                return Refused(Refusal.ReportBytes, "the reports of this token are larger than it may report for long from one source", debt);
            if (!_under.Add(node))
                return Refused(Refusal.ReportOverlap, "another report of this node is not answered yet", TimeSpan.FromSeconds(1));
            if (token is { } charged)
                _debts.Charge(charged, TimeOf(most) / NodesOfToken);
            return null;
        }
    }

    /// <summary>A report has been answered.</summary>
    /// <param name="node">The node, from where it reports.</param>
    /// <param name="token">As it began.</param>
    /// <param name="most">As it began.</param>
    /// <param name="cost">What it cost: as many bytes as it had, decompressed, or more.</param>
    public void Leave(Account node, Account? token, int most, int cost)
    {
        lock (_gate)
        {
            _under.Remove(node);
            _debts.Charge(node, TimeOf(cost));
            if (token is { } many && most > MostOfSmall)
                _debts.Return(many, TimeOf(most - cost) / NodesOfToken);
        }
    }

    private TimeSpan DebtOf(Account who) => _debts.Of(who) - TimeOf(config.ReportByteBurst);

    private TimeSpan TimeOf(int bytes) => TimeSpan.FromSeconds((double)bytes / config.ReportBytesPerSecond);

    private Problem Refused(Refusal reason, string why, TimeSpan wait)
    {
        refusals.Count(reason);
        return Problem.Of(Microsoft.AspNetCore.Http.StatusCodes.Status429TooManyRequests, why) with
        {
            RetryAfterSeconds = (int)Math.Ceiling(wait.TotalSeconds),
        };
    }
}
