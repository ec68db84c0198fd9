namespace Relay.Interop.Tests.Network;

/// <summary>
/// The names of the sites. There is no name server in the namespace, so who knows a name is the test's choice.
/// </summary>
internal static class SiteNames
{
    /// <summary>Known to everybody: how a browser reaches a site by itself.</summary>
    public const string Direct = "localhost";

    /// <summary>Known to the relay alone: a browser that loads from it has gone through the relay.</summary>
    public const string BehindRelay = "site.test";
}
