using System.Text;
using Microsoft.Extensions.Logging;
using Relay.Admin.Diagnostics;
using Relay.Admin.Identity;
using Relay.Hosting.Credentials;

namespace Relay.Admin.Kubernetes;

/// <summary>
/// Tokens of nodes' pods, as the cluster's API server has reviewed them. What it said is kept for a minute; where it does not answer,
/// what it said within the last hour goes on, as long as the token itself does: nodes do not depend on it.
/// </summary>
internal sealed class TokenReviewer(KubernetesConfig config, ILogger<TokenReviewer> log, TimeProvider clock) : IDisposable
{
    /// <summary>For how long a node that was found is not asked for again.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    /// <summary>For how long it is one while the API server does not answer.</summary>
    public static readonly TimeSpan Stale = TimeSpan.FromHours(1);

    /// <summary>For how long a token that was refused is not asked for again.</summary>
    public static readonly TimeSpan Refused = TimeSpan.FromSeconds(10);

    /// <summary>How many answers are kept, of each kind.</summary>
    public const int MaxKept = 16_384;

    /// <summary>
    /// How many tokens of one node are kept: its pod's, the one before, and those of a pod that follows. A machine may mint any number.
    /// </summary>
    public const int MaxOfNode = 4;

    /// <summary>How many reviews are under way at most.</summary>
    public const int MaxUnderWay = 32;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly ReviewClient _client = new(config);
    private readonly FirstOfKind _first = new(clock);
    // Apart: what a stranger makes up is not to fill the places of what the API server knows.
    private readonly FirstOfKind _firstShown = new(clock);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Known> _good = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _bad = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<AdminToken?>> _underWay = new(StringComparer.Ordinal);

    /// <summary>The node's token that a text is; null where it is none.</summary>
    /// <param name="text">What was shown.</param>
    /// <param name="source">From where.</param>
    /// <param name="failures">
    /// Whom the API server is asked for: each that comes to nothing is a wrong token of the source. A node that was known there within the
    /// hour has an account of its own for the token that follows: whatever others at its address show, behind one NAT, it goes on.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="HttpRequestException">It is not known, and the API server does not answer.</exception>
    public async ValueTask<AdminToken?> ReviewAsync(string text, string source, FailureLimiter<string> failures, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (ShownToken.TryRead(text, config, now, out var unfit) is not { } shown)
        {
            if (unfit is not null && _firstShown.TryPass("unfit", source, out var more))
                Log.TokenOfNoNode(log, source, unfit, FirstOfKind.More(more));
            return null;
        }
        var hash = TokenHash.Create(Encoding.UTF8.GetBytes(text));
        var key = hash.ToString();
        Task<AdminToken?> asking;
        string? account = null;
        lock (_gate)
        {
            if (_good.TryGetValue(key, out var known) && now - known.At < Fresh)
                return known.Token;
            if (_bad.TryGetValue(key, out var refusedAt) && now - refusedAt < Refused)
                return null;
            if (!_underWay.TryGetValue(key, out asking!))
            {
                // A node that is known goes on whatever strangers from its address do.
                account = known.Token is not null ? null : IsKnown(shown.Node, source, now) ? $"{shown.Node} {source}" : source;
                if (account is not null && !failures.TryTake(account))
                    return null;
                if (_underWay.Count >= MaxUnderWay)
                {
                    GiveBack();
                    return known.Token is not null && now - known.At < Stale
                        ? known.Token : throw new HttpRequestException("too many tokens are being reviewed at the moment");
                }
                _underWay.Add(key, asking = AskAsync(text, hash, source));
            }
        }
        try
        {
            var token = await asking.WaitAsync(cancellation).ConfigureAwait(false);
            // What is wrong is taken off the source's account by whoever answers it, and off the node's here.
            if (token is null && account != source)
                account = null;
            return token;
        }
        catch (HttpRequestException)
        {
            lock (_gate)
            {
                if (_good.TryGetValue(key, out var known) && clock.GetUtcNow() is var later && later - known.At < Stale && later < shown.Expires)
                    return known.Token;
            }
            throw;
        }
        finally
        {
            GiveBack();
        }

        void GiveBack()
        {
            if (account is not null)
                failures.GiveBack(account);
        }
    }

    // By lock held. What a token says of itself is nobody's word: it chooses the account alone.
    private bool IsKnown(string? node, string source, DateTimeOffset now) => node is not null
        && _good.Values.Any(one => one.Token.Name == node && one.Source == source && now - one.At < Stale);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<AdminToken?> AskAsync(string text, TokenHash hash, string source)
    {
        var key = hash.ToString();
        // Not within the lock of whoever asks.
        await Task.Yield();
        try
        {
            using var enough = new CancellationTokenSource(Patience, clock);
            var (node, reason) = await _client.AskAsync(text, enough.Token).ConfigureAwait(false);
            if (reason is not null && _first.TryPass("refused", source, out var more))
                Log.TokenOfNoNode(log, source, reason, FirstOfKind.More(more));
            var token = node is null ? null : new AdminToken(node, AdminRole.Node, hash);
            lock (_gate)
                Keep(key, token, source, clock.GetUtcNow());
            return token;
        }
        // Whatever it is that it answers, or that the kubelet gives this pod, nodes that are known go on.
        catch (Exception e) when (e is not (OutOfMemoryException or StackOverflowException or AccessViolationException))
        {
            var cause = e is OperationCanceledException ? $"no answer within {Patience.TotalSeconds:0} s" : e.Message;
            if (_first.TryPass("review", "", out var held))
                Log.NoTokenReview(log, config.Server, cause, FirstOfKind.More(held));
            throw new HttpRequestException("the cluster's API server does not review tokens at the moment", e);
        }
        finally
        {
            lock (_gate)
                _underWay.Remove(key);
        }
    }

    private void Keep(string key, AdminToken? token, string source, DateTimeOffset now)
    {
        _bad.Remove(key);
        if (token is null)
        {
            _good.Remove(key);
            if (HasRoom(_bad, at => now - at >= Refused))
                _bad[key] = now;
            return;
        }
        if (!_good.ContainsKey(key))
        {
            List<KeyValuePair<string, Known>> own = [.. _good.Where(one => one.Value.Token.Name == token.Name)];
            if (own.Count >= MaxOfNode)
                _good.Remove(own.MinBy(static one => one.Value.At).Key);
            else if (!HasRoom(_good, one => now - one.At >= Stale))
                return;
        }
        _good[key] = new Known(token, source, now);
    }

    private static bool HasRoom<T>(Dictionary<string, T> kept, Func<T, bool> isOver)
    {
        if (kept.Count < MaxKept)
            return true;
        foreach (var (key, value) in kept)
        {
            if (isOver(value))
                kept.Remove(key);
        }
        return kept.Count < MaxKept;
    }

    private readonly record struct Known(AdminToken Token, string Source, DateTimeOffset At);
}
