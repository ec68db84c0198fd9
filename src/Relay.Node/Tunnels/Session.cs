using System.Net;
using Relay.Node.Targets;

namespace Relay.Node.Tunnels;

/// <summary>One client connection as logs and limits see it; made with its first tunnel.</summary>
/// <param name="Id">Its number, unique in this process.</param>
/// <param name="Client">The address that its first packet came from.</param>
/// <param name="Scans">What its requests look like: by connection, by source, and by whatever else identifies it.</param>
internal sealed record Session(long Id, IPEndPoint Client, ScanWatch Scans);
