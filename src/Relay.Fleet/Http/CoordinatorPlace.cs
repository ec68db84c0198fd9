using System.Net;
using System.Runtime.CompilerServices;

namespace Relay.Fleet.Http;

/// <summary>
/// Where one coordinator's URL leads: to each address of its name, in turn. The one that answered last is the first; the
/// name is looked up only when that has failed, and what was known before is used while it cannot be.
/// </summary>
/// <param name="coordinator">The URL.</param>
/// <param name="options">How names are looked up, and for how long.</param>
/// <param name="time">The clock of the wait.</param>
/// <param name="random">Chooses where to begin, so that nodes spread.</param>
internal sealed class CoordinatorPlace(Uri coordinator, HttpFleetOptions options, TimeProvider time, Random random)
{
    private readonly string _host =
        coordinator.IsDefaultPort ? coordinator.IdnHost : $"{coordinator.IdnHost}:{coordinator.Port}";

    private Uri? _last;
    private Uri[] _known = [];
    private Task<IPAddress[]>? _lookup;

    /// <summary>
    /// The Host field where an address stands in the name's place: the certificate is checked by it as well. Null where the
    /// handler takes it from the URL.
    /// </summary>
    public string? HostOf(Uri address) => address.IdnHost == coordinator.IdnHost ? null : _host;

    /// <summary>An address for people.</summary>
    public string Describe(Uri address) => address.IdnHost == coordinator.IdnHost
        ? coordinator.Authority
        : $"{coordinator.Authority} ({address.IdnHost})";

    /// <summary>This address has answered.</summary>
    public void Prefer(Uri address) => _last = address;

    /// <summary>This address has answered, and the next time another is to be asked first, where there is one.</summary>
    public void PassOver(Uri address)
    {
        var index = Array.IndexOf(_known, address);
        _last = index < 0 || _known.Length < 2 ? null : _known[(index + 1) % _known.Length];
    }

    /// <summary>The URL with one address after the other in place of its name. Never fails.</summary>
    /// <param name="cancellation">Ends the wait for the name's addresses.</param>
    public async IAsyncEnumerable<Uri> AddressesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (options.Resolve is null || coordinator.HostNameType != UriHostNameType.Dns)
        {
            yield return coordinator;
            yield break;
        }
        var before = _last;
        if (before is not null)
            yield return before;
        await LookUpAsync(options.Resolve, cancellation).ConfigureAwait(false);
        // Whoever sends the request looks the name up himself then, and says what is wrong with it.
        if (_known.Length == 0 && before is null)
            yield return coordinator;
        var (addresses, begin) = (_known, random.Next(Math.Max(1, _known.Length)));
        for (var i = 0; i < addresses.Length; i++)
        {
            var address = addresses[(begin + i) % addresses.Length];
            if (address != before)
                yield return address;
        }
    }

    private async Task LookUpAsync(Func<string, Task<IPAddress[]>> resolve, CancellationToken cancellation)
    {
        // One at a time: a lookup that hangs may hold a thread, and cannot be called off.
        _lookup ??= resolve(coordinator.IdnHost);
        if (!_lookup.IsCompleted)
        {
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(_lookup, Task.Delay(options.TryTimeout, time, wait.Token)).ConfigureAwait(false);
            await wait.CancelAsync().ConfigureAwait(false);
            if (!_lookup.IsCompleted)
                return;
        }
        if (_lookup.IsCompletedSuccessfully && _lookup.Result is { Length: > 0 } found)
            _known = [.. found.Select(address => new UriBuilder(coordinator) { Host = $"{address}" }.Uri).Distinct()];
        else
            _ = _lookup.Exception;
        _lookup = null;
    }
}
