namespace Relay.Interop.Tests.Ngtcp2;

/// <summary>The control group: the client against the server of the same project.</summary>
public sealed class ReferenceConformanceTests(ReferenceServer server) : Conformance, IClassFixture<ReferenceServer>
{
    protected override Task<int> PortAsync() => server.PortAsync();
}
