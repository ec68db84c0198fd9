using System.Net;
using System.Net.NetworkInformation;

namespace Relay.Node.Targets;

/// <summary>The addresses of this machine, which a wildcard bind listens on.</summary>
internal static class LocalAddresses
{
    /// <summary>Every unicast address of every interface, at this moment.</summary>
    internal static IReadOnlyCollection<IPAddress> List() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(static nic => nic.GetIPProperties().UnicastAddresses)
            .Select(static unicast => unicast.Address)
            .Distinct(),
    ];
}
