using System.Net.Sockets;
using Relay.Fleet.Contract;
using Relay.Hosting;
using Relay.Native.Linux;

namespace Relay.Node.Egress;

/// <summary>
/// The routes <c>local PREFIX dev lo</c> of the egress prefixes, for as long as the node runs. IP_FREEBIND lets a
/// socket have any source address, but Linux neither routes IPv4 from an address that is not local nor takes answers to
/// one.
/// </summary>
/// <remarks>
/// A node that was killed leaves its routes behind. The next one keeps those that it wants, too, and removes those that
/// no living node claims. A claim is an abstract socket with the prefix in its name: the kernel drops it with the
/// process that holds it, and it belongs to the network namespace, as routes do.
/// </remarks>
internal sealed class LocalRoutes : IDisposable
{
    private readonly RouteSocket _routes = new();
    private readonly List<(Prefix Prefix, Socket Claim)> _held = [];

    private LocalRoutes()
    {
    }

    /// <summary>Adds the routes.</summary>
    /// <exception cref="StartException">That is not permitted, or another node has one of the prefixes.</exception>
    internal static LocalRoutes Install(IEnumerable<Prefix> prefixes)
    {
        var routes = new LocalRoutes();
        try
        {
            foreach (var prefix in prefixes)
                routes.Add(prefix);
            routes.RemoveOrphans();
            return routes;
        }
        catch (SocketSystemException e)
        {
            routes.Dispose();
            throw Failure(e.Message);
        }
        catch
        {
            routes.Dispose();
            throw;
        }
    }

    /// <summary>Removes the routes that were added.</summary>
    public void Dispose()
    {
        lock (_held)
        {
            foreach (var (prefix, claim) in _held)
            {
                _ = _routes.Remove(prefix.Network.ToIPAddress(), prefix.Length);
                claim.Dispose();
            }
            _held.Clear();
            _routes.Dispose();
        }
    }

    /// <summary>Adds the route of a prefix that came while the node runs; one that is there already is fine.</summary>
    /// <returns>Why it could not be added; null when it was.</returns>
    internal string? TryAdd(Prefix prefix)
    {
        lock (_held)
        {
            if (_held.Exists(held => held.Prefix == prefix))
                return null;
            try
            {
                Add(prefix);
                return null;
            }
            catch (Exception e) when (e is StartException or SocketSystemException or ObjectDisposedException)
            {
                return e.Message;
            }
        }
    }

    /// <summary>Removes the route of a prefix; one that was not added is left alone.</summary>
    internal void Remove(Prefix prefix)
    {
        lock (_held)
        {
            foreach (var (_, claim) in _held.Where(held => held.Prefix == prefix).ToArray())
            {
                _ = _routes.Remove(prefix.Network.ToIPAddress(), prefix.Length);
                claim.Dispose();
            }
            _held.RemoveAll(held => held.Prefix == prefix);
        }
    }

    private void Add(Prefix prefix)
    {
        var claim = TryClaim(prefix)
            ?? throw Failure($"another relay-node manages the local route of {prefix}", mayPass: true);
        var result = _routes.Add(prefix.Network.ToIPAddress(), prefix.Length);
        if (result is 0 or -Errno.EEXIST)
        {
            _held.Add((prefix, claim));
            return;
        }
        claim.Dispose();
        var hint = result == -Errno.EPERM ? "; CAP_NET_ADMIN is needed" : "";
        throw Failure($"cannot add 'local {prefix} dev lo': {Errno.Describe(result)}{hint}");
    }

    private void RemoveOrphans()
    {
        foreach (var (network, length) in _routes.List())
        {
            var prefix = new Prefix(AddressBits.Of(network), length);
            if (_held.Any(held => held.Prefix == prefix))
                continue;
            using var claim = TryClaim(prefix);
            if (claim is not null)
                _ = _routes.Remove(network, length);
        }
    }

    private static Socket? TryClaim(Prefix prefix)
    {
        var claim = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            claim.Bind(new UnixDomainSocketEndPoint($"\0relay-node/local-route/{prefix}"));
            return claim;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            claim.Dispose();
            return null;
        }
    }

    private static StartException Failure(string message, bool mayPass = false) =>
        new($"--manage-local-routes: {message}") { MayPass = mayPass };
}
