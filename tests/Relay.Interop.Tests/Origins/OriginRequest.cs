using System.Net;

namespace Relay.Interop.Tests.Origins;

/// <summary>What a web site saw of a request: the path, the protocol's name, and the address it came from.</summary>
internal sealed record OriginRequest(string Path, string Protocol, IPAddress From);
