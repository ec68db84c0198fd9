using System.Net;
using System.Net.Sockets;

namespace Relay.Node.Targets;

/// <summary>Looks a name up.</summary>
/// <param name="host">The name.</param>
/// <returns>Its addresses, in the order in which to try them.</returns>
/// <exception cref="SocketException">In the task: the lookup failed.</exception>
/// <remarks>Must return its task at once.</remarks>
internal delegate Task<IPAddress[]> HostLookup(string host);

/// <summary>Resolution with a bounded cache, one lookup for all who ask for a name at once, and a bounded number of
/// lookups.</summary>
/// <remarks>A caller gives up after a time, but the lookup cannot be cancelled: it counts until it ends, and its
/// outcome is then still kept.</remarks>
internal sealed class TargetResolver : ITargetResolver
{
    private readonly HostLookup _lookup;
    private readonly TargetResolverLimits _limits;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly Dictionary<string, TaskCompletionSource<ResolveResult>> _inFlight =
        new(StringComparer.OrdinalIgnoreCase);
    private readonly ResolveCache _cache;

    /// <summary>A resolver.</summary>
    /// <param name="lookup">How to look a name up, in production <see cref="SystemHostLookup"/>.</param>
    /// <param name="limits">What it may use.</param>
    /// <param name="time">The clock of expiry and timeout.</param>
    public TargetResolver(HostLookup lookup, TargetResolverLimits limits, TimeProvider time)
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

    /// <inheritdoc/>
    public ValueTask<ResolveResult> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ResolveResult>(cancellationToken);
        TaskCompletionSource<ResolveResult>? pending;
        bool begin = false;
        lock (_gate)
        {
            if (_cache.TryGet(host, out var known))
                return ValueTask.FromResult(known);
            if (!_inFlight.TryGetValue(host, out pending))
            {
                if (_inFlight.Count >= _limits.LookupsInFlight)
                    return ValueTask.FromResult(ResolveResult.Overloaded);
                pending = new TaskCompletionSource<ResolveResult>(TaskCreationOptions.RunContinuationsAsynchronously);
                _inFlight.Add(host, pending);
                begin = true;
            }
        }

        if (begin)
            _ = LookUpAsync(host, pending);
        return WaitAsync(pending.Task, cancellationToken);
    }

    private async Task LookUpAsync(string host, TaskCompletionSource<ResolveResult> pending)
    {
        var result = await RunLookupAsync(host).ConfigureAwait(false);
        lock (_gate)
        {
            _inFlight.Remove(host);
            _cache.Add(host, result);
        }

        pending.SetResult(result);
    }

    private async Task<ResolveResult> RunLookupAsync(string host)
    {
        try
        {
            return ResolveResult.Found(await _lookup(host).ConfigureAwait(false));
        }
        catch (SocketException exception)
        {
            // EAI_NONAME, EAI_AGAIN and EAI_FAIL of getaddrinfo(3), as the framework names them. The C library does
            // not tell NXDOMAIN from NODATA.
            return exception.SocketErrorCode switch
            {
                SocketError.HostNotFound or SocketError.NoData => ResolveResult.NotFound,
                SocketError.TryAgain => ResolveResult.ServerFailure,
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
