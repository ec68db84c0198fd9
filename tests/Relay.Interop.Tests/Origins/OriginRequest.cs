namespace Relay.Interop.Tests.Origins;

/// <summary>What a web site saw of a request: the path and the protocol's name.</summary>
internal sealed record OriginRequest(string Path, string Protocol);
