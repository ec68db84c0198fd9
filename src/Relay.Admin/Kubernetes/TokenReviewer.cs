using System.Text;
using System.Text.Json;
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

    /// <summary>How many reviews are under way at most.</summary>
    public const int MaxUnderWay = 32;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly ReviewClient _client = new(config);
    private readonly FirstOfKind _first = new(clock);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (AdminToken Token, DateTimeOffset At)> _good = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _bad = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<AdminToken?>> _underWay = new(StringComparer.Ordinal);

    /// <summary>The node's token that a text is; null where it is none.</summary>
    /// <param name="text">What was shown.</param>
    /// <param name="mayAsk">Whether the API server may be asked for it, which is not at once for everybody.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="HttpRequestException">It is not known, and the API server does not answer.</exception>
    public async ValueTask<AdminToken?> ReviewAsync(string text, Func<bool> mayAsk, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (ShownToken.TryRead(text, config, now) is not { } shown)
            return null;
        var hash = TokenHash.Create(Encoding.UTF8.GetBytes(text));
        var key = hash.ToString();
        Task<AdminToken?> asking;
        lock (_gate)
        {
            if (_good.TryGetValue(key, out var known) && now - known.At < Fresh)
                return known.Token;
            if (_bad.TryGetValue(key, out var refusedAt) && now - refusedAt < Refused)
                return null;
            if (!_underWay.TryGetValue(key, out asking!))
            {
                // A node that is known goes on whatever strangers from its address do.
                if (known.Token is null && !mayAsk())
                    return null;
                if (_underWay.Count >= MaxUnderWay)
                    return known.Token is not null && now - known.At < Stale
                        ? known.Token : throw new HttpRequestException("too many tokens are being reviewed at the moment");
                _underWay.Add(key, asking = AskAsync(text, hash));
            }
        }
        try
        {
            return await asking.WaitAsync(cancellation).ConfigureAwait(false);
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
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<AdminToken?> AskAsync(string text, TokenHash hash)
    {
        var key = hash.ToString();
        // Not within the lock of whoever asks.
        await Task.Yield();
        try
        {
            using var enough = new CancellationTokenSource(Patience, clock);
            var node = await _client.AskAsync(text, enough.Token).ConfigureAwait(false);
            var token = node is null ? null : new AdminToken(node, AdminRole.Node, hash);
            lock (_gate)
                Keep(key, token, clock.GetUtcNow());
            return token;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or OperationCanceledException or UnauthorizedAccessException)
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

    private void Keep(string key, AdminToken? token, DateTimeOffset now)
    {
        _good.Remove(key);
        _bad.Remove(key);
        if (token is not null && HasRoom(_good, one => now - one.At >= Stale))
            _good[key] = (token, now);
        else if (token is null && HasRoom(_bad, at => now - at >= Refused))
            _bad[key] = now;
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
}
