using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Relay.Node.Io;

namespace Relay.Node.Targets;

/// <summary>Resolution in one family: a bounded cache, one lookup for all who ask for a name at once, and a bounded number of
/// lookups.</summary>
/// <remarks>A caller gives up after a time, but the lookup cannot be cancelled: it counts until it ends, and its
/// outcome is then still kept.</remarks>
internal sealed class FamilyResolver
{
    /// <summary>
    /// The resolver has waited in vain if it has taken this long: "timeout:n", its time for each server, is in whole
    /// seconds (resolv.conf(5)).
    /// </summary>
    private static readonly TimeSpan ShortestSilence = TimeSpan.FromSeconds(1);

    private readonly Func<string, Task<IPAddress[]>> _lookup;
    private readonly TargetResolverLimits _limits;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly Dictionary<string, TaskCompletionSource<ResolveResult>> _inFlight =
        new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<ulong, int> _bySite = [];
    private readonly ResolveCache _cache;

    /// <param name="lookup">Looks a name up in this family; throws <see cref="SocketException"/> in its task.</param>
    /// <param name="limits">What it may use.</param>
    /// <param name="time">The clock of expiry and timeout.</param>
    public FamilyResolver(Func<string, Task<IPAddress[]>> lookup, TargetResolverLimits limits, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limits.CacheEntries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(limits.LookupsInFlight, 1);
        (_lookup, _limits, _time) = (lookup, limits, time);
        _cache = new ResolveCache(limits, time);
    }

    /// <summary>Lookups under way, hung ones included.</summary>
    public int LookupsInFlight
    {
        get
        {
            lock (_gate)
                return _inFlight.Count;
        }
    }

    /// <summary>See <see cref="ITargetResolver.ResolveAsync"/>.</summary>
    public ValueTask<ResolveResult> ResolveAsync(string host, ulong source, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ResolveResult>(cancellationToken);
        // Whoever has a /48 has 65 536 sources.
        var site = SourceKey.SiteOf(source);
        TaskCompletionSource<ResolveResult>? pending;
        bool begin = false;
        lock (_gate)
        {
            if (_cache.TryGet(host, out var known))
                return ValueTask.FromResult(known);
            if (!_inFlight.TryGetValue(host, out pending))
            {
                if (!TryBegin(site))
                    return ValueTask.FromResult(ResolveResult.Overloaded);
                pending = new TaskCompletionSource<ResolveResult>(TaskCreationOptions.RunContinuationsAsynchronously);
                _inFlight.Add(host, pending);
                begin = true;
            }
        }

        if (begin)
            _ = LookUpAsync(host, site, pending);
        return WaitAsync(pending.Task, cancellationToken);
    }

    /// <summary>Counts a lookup for the site that asks first; whoever asks for the same name meanwhile needs no room.</summary>
    /// <returns>False when there is no room, or none for this site.</returns>
    private bool TryBegin(ulong site)
    {
        var own = _bySite.GetValueOrDefault(site);
        if (_inFlight.Count >= _limits.LookupsInFlight
            || (_inFlight.Count >= _limits.FreeForAll && own >= _limits.SourceShare))
            return false;
        _bySite[site] = own + 1;
        return true;
    }

    private async Task LookUpAsync(string host, ulong site, TaskCompletionSource<ResolveResult> pending)
    {
        var result = await RunLookupAsync(host).ConfigureAwait(false);
        lock (_gate)
        {
            _inFlight.Remove(host);
            if (--CollectionsMarshal.GetValueRefOrNullRef(_bySite, site) == 0)
                _bySite.Remove(site);
            _cache.Add(host, result);
        }

        pending.SetResult(result);
    }

    private async Task<ResolveResult> RunLookupAsync(string host)
    {
        long began = _time.GetTimestamp();
        try
        {
            return ResolveResult.Found(await _lookup(host).ConfigureAwait(false));
        }
        catch (SocketException exception)
        {
            // EAI_NONAME, EAI_AGAIN and EAI_FAIL of getaddrinfo(3), as the framework names them. The C library tells
            // neither NXDOMAIN from NODATA, nor a server that failed or refused from one that did not answer.
            return exception.SocketErrorCode switch
            {
                SocketError.HostNotFound or SocketError.NoData => ResolveResult.NotFound,
                SocketError.TryAgain when _time.GetElapsedTime(began) >= ShortestSilence => ResolveResult.Timeout,
                _ => ResolveResult.Failure,
            };
        }
        catch (ArgumentException)
        {
            return ResolveResult.NotFound; // not a name: too long, or an empty label
        }
        catch (Exception)
        {
            // Whoever waits gets an answer, whatever went wrong: also when no thread could be had for the lookup.
            return ResolveResult.Failure;
        }
    }

    private async ValueTask<ResolveResult> WaitAsync(Task<ResolveResult> lookup, CancellationToken cancellationToken)
    {
        try
        {
            return await lookup.WaitAsync(_limits.Timeout, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return ResolveResult.Timeout;
        }
    }
}
