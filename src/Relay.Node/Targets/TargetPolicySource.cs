using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Relay.Node.Targets;

/// <summary>
/// The policy in force, as a snapshot that loops read with every target. Rules are replaced while the node runs, and
/// the machine's addresses are looked at again: they come and go. What is open stays open.
/// </summary>
/// <param name="own">Endpoints this node listens on.</param>
/// <param name="listAddresses">Lists the addresses of this machine.</param>
internal sealed class TargetPolicySource(
    IReadOnlyCollection<IPEndPoint> own, Func<IReadOnlyCollection<IPAddress>> listAddresses)
{
    private readonly Lock _gate = new();
    private readonly HashSet<IPAddress> _addresses = [];
    private IReadOnlyList<TargetRule> _allow = [];
    private IReadOnlyList<TargetRule> _deny = [];
    private IReadOnlyCollection<TargetRule> _always = [];
    private volatile TargetPolicy _current = null!;

    /// <summary>The policy; none before the first <see cref="Use"/>.</summary>
    internal TargetPolicy Current => _current;

    /// <summary>Replaces the operator's rules.</summary>
    internal void Use(IReadOnlyList<TargetRule> allow, IReadOnlyList<TargetRule> deny)
    {
        lock (_gate)
        {
            (_allow, _deny) = (allow, deny);
            var addresses = _current is null ? listAddresses() : TryList();
            if (addresses is not null)
            {
                _addresses.Clear();
                _addresses.UnionWith(addresses);
            }
            Publish();
        }
    }

    /// <summary>Replaces the deny rules that no operator wrote: the addresses of the egress.</summary>
    internal void UseEgress(IReadOnlyCollection<TargetRule> always)
    {
        lock (_gate)
        {
            _always = always;
            if (_current is not null)
                Publish();
        }
    }

    /// <summary>
    /// Looks whether the machine has got other addresses; where that cannot be found out, they are as before.
    /// </summary>
    internal void Refresh()
    {
        if (TryList() is not { } addresses)
            return;
        lock (_gate)
        {
            if (_addresses.SetEquals(addresses))
                return;
            _addresses.Clear();
            _addresses.UnionWith(addresses);
            Publish();
        }
    }

    /// <summary>
    /// The kernel's list, or null where it cannot be had: while open files are used up it is an IOException, and
    /// nothing that a process should end by.
    /// </summary>
    private IReadOnlyCollection<IPAddress>? TryList()
    {
        try
        {
            return listAddresses();
        }
        catch (Exception e) when (e is NetworkInformationException or IOException or SocketException
            or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Publish() => _current = new TargetPolicy(_allow, [.. _deny, .. _always], own, _addresses);
}
