using Relay.Admin.Hosting;

namespace Relay.Admin.Tests;

/// <summary>Who relay-admin may know: the rules of docs/design.md, read off the built assembly.</summary>
public class ReferenceTests
{
    private static readonly string[] Allowed = ["Relay.Fleet", "Relay.Hosting"];

    [Fact]
    public void Assembly_Siblings_AreThoseAllowed()
    {
        var siblings = typeof(AdminHost).Assembly.GetReferencedAssemblies().Select(static name => name.Name!)
            .Where(static name => name.StartsWith("Relay.", StringComparison.Ordinal)
                || name.StartsWith("relay-", StringComparison.Ordinal));
        Assert.Empty(siblings.Except(Allowed));
    }
}
