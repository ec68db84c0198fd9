using System.Net;
using System.Net.Sockets;
using Relay.Node.Io;
using Relay.Node.Targets;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Egress;

/// <summary>
/// The addresses of one name, asked for in each family apart, so that an answer that is late or never comes holds up
/// nobody (RFC 8305 §3). Belongs to one loop.
/// </summary>
internal sealed class NameLookup
{
    private const ulong ResolutionDelay = 50_000_000;

    private readonly ILoop _loop;
    private readonly ITurnOwner _owner;
    private readonly Action<IReadOnlyList<IPAddress>, bool> _onAddresses;
    private readonly Action<ConnectFailure> _onFailed;
    private readonly ActionTimer _timer;
    private List<IPAddress> _fresh = [];
    private ResolveResult? _failure;
    private int _asked;
    private int _unanswered;
    private bool _hasIPv6;
    private bool _delivered;

    /// <summary>A lookup that <see cref="Start"/> begins.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="onAddresses">
    /// Gets addresses, those to try first in front, and whether more may follow in another call, which may then bring
    /// none.
    /// </param>
    /// <param name="onFailed">Hears that there are none at all.</param>
    internal NameLookup(
        ILoop loop, ITurnOwner owner, Action<IReadOnlyList<IPAddress>, bool> onAddresses, Action<ConnectFailure> onFailed)
    {
        (_loop, _owner) = (loop, owner);
        _onAddresses = onAddresses;
        _onFailed = onFailed;
        _timer = new ActionTimer(owner, () => Deliver(more: true));
    }

    /// <summary>Asks.</summary>
    /// <param name="resolver">Resolves off the loop.</param>
    /// <param name="host">The name.</param>
    /// <param name="source">Who asks, as limits by source count them.</param>
    /// <param name="families">The families that egress can use.</param>
    internal void Start(ITargetResolver resolver, string host, ulong source, IReadOnlyList<AddressFamily> families)
    {
        _asked = _unanswered = families.Count;
        foreach (var family in families)
        {
            var pending = resolver.ResolveAsync(host, family, source, CancellationToken.None);
            if (pending.IsCompletedSuccessfully)
                Receive(family, pending.Result);
            else
                Await(family, pending.AsTask());
        }
        Proceed();
    }

    // The continuation runs on the resolver's thread; what it decides runs on the loop.
    private void Await(AddressFamily family, Task<ResolveResult> pending) => _ = pending.ContinueWith(
        task => _loop.Post(_owner, () =>
        {
            Receive(family, task.IsCompletedSuccessfully ? task.Result : ResolveResult.Failure);
            Proceed();
        }),
        CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private void Receive(AddressFamily family, ResolveResult result)
    {
        _unanswered--;
        if (result.Status == ResolveStatus.Overloaded)
            _loop.Counters.LookupsRefused++;
        if (result.Addresses.IsEmpty)
        {
            if (_failure is null || Weight(result) > Weight(_failure))
                _failure = result;
            return;
        }
        _hasIPv6 |= family == AddressFamily.InterNetworkV6;
        _fresh.InsertRange(family == AddressFamily.InterNetworkV6 ? 0 : _fresh.Count, result.Addresses);
    }

    /// <summary>
    /// RFC 8305 §3: "If a positive AAAA response … is received first, the first IPv6 connection attempt is immediately
    /// started. If a positive A response is received first …, the client SHOULD wait a short time for the AAAA response".
    /// </summary>
    private void Proceed()
    {
        if (_unanswered > 0)
        {
            if (_fresh.Count > 0 && _hasIPv6)
                Deliver(more: true);
            else if (_fresh.Count > 0)
                _loop.Timers.Set(_timer, _loop.Now + ResolutionDelay);
            return;
        }
        _loop.Timers.Clear(_timer);
        if (_fresh.Count > 0 || _delivered)
            Deliver(more: false);
        else
            _onFailed(Describe());
    }

    private void Deliver(bool more)
    {
        var addresses = _fresh;
        _fresh = [];
        _delivered = true;
        _onAddresses(addresses, more);
    }

    private ConnectFailure Describe() => _failure switch
    {
        null => new ConnectFailure(ProxyErrorType.DestinationIpUnroutable), // no family at all
        { Status: ResolveStatus.Timeout } => new ConnectFailure(ProxyErrorType.DnsTimeout),
        { Status: ResolveStatus.Overloaded } => ConnectFailure.Limit(RefusalDetails.ResolverBusy),
        // A name without addresses of this one family is common, and not told from one that does not exist.
        { Status: ResolveStatus.NotFound } when _asked == 1 => new ConnectFailure(ProxyErrorType.DnsError),
        _ => new ConnectFailure(ProxyErrorType.DnsError, Rcode: _failure.Rcode),
    };

    /// <summary>Of two failures the one that leaves open what the answer would have been is the whole's.</summary>
    private static int Weight(ResolveResult failure) => failure.Status switch
    {
        ResolveStatus.Timeout => 3,
        ResolveStatus.TemporaryFailure => 2,
        ResolveStatus.Overloaded => 1,
        _ => 0,
    };
}
