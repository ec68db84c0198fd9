using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Relay.Native.Trust;

namespace Relay.Node.Tests.Identity;

/// <summary>What authorities may call clients, whatever the TLS library makes of it.</summary>
public class NameConstraintsTests
{
    private const int Mail = 1;
    private const int Dns = 2;
    private const int Uri = 6;

    private static readonly ClientAuthority Root = new("Root");

    [Theory]
    [InlineData(Dns, "example.org", "example.org", true)]
    [InlineData(Dns, "example.org", "a.b.example.org", true)]
    [InlineData(Dns, "Example.org", "PHONE.example.ORG", true)]
    [InlineData(Dns, "example.org", "phone.example.org.", true)]
    [InlineData(Dns, "example.org.", "phone.example.org", true)]
    [InlineData(Dns, "example.org", "anexample.org", false)]
    [InlineData(Dns, "example.org", "example.org.example.com", false)]
    [InlineData(Dns, "phone.example.org", "example.org", false)]
    [InlineData(Dns, ".example.org", "phone.example.org", true)]
    [InlineData(Dns, ".example.org", "example.org", false)]
    [InlineData(Dns, "", "example.org", true)]
    [InlineData(Mail, "example.org", "alice@example.org", true)]
    [InlineData(Mail, "Example.org", "alice@EXAMPLE.org", true)]
    [InlineData(Mail, "example.org", "alice@a.example.org", false)]
    [InlineData(Mail, "example.org", "alice@example.org@example.com", false)]
    [InlineData(Mail, ".example.org", "alice@a.example.org", true)]
    [InlineData(Mail, ".example.org", "alice@example.org", false)]
    [InlineData(Mail, ".example.org", "alice@anexample.org", false)]
    [InlineData(Mail, "alice@example.org", "alice@Example.org", true)]
    [InlineData(Mail, "alice@example.org", "bob@example.org", false)]
    [InlineData(Mail, "alice@example.org", "Alice@example.org", false)]
    [InlineData(Mail, "@example.org", "alice@example.org", true)]
    [InlineData(Uri, "example.org", "spiffe://EXAMPLE.org/a", true)]
    [InlineData(Uri, "example.org", "spiffe://a.example.org/a", false)]
    [InlineData(Uri, ".example.org", "spiffe://a.example.org/a", true)]
    public void Constraint_AndAName_AreOfEachOther(int kind, string constraint, string name, bool fits)
    {
        Assert.Equal(fits, Allows(kind, name, Permitting(kind, constraint)));
        Assert.Equal(!fits, Allows(kind, name, Excluding(kind, constraint)));
        // What is not of the kind that names clients is the library's.
        Assert.True(Allows(kind == Dns ? Mail : Dns, name, Excluding(kind, constraint)));
    }

    /// <summary>A name without a host is none that anybody with a constraint may give.</summary>
    [Theory]
    [InlineData(Mail, "example.org")]
    [InlineData(Mail, "@example.org")]
    [InlineData(Mail, "alice@")]
    [InlineData(Dns, ".")]
    [InlineData(Uri, "urn:example.org:a")]
    [InlineData(Uri, "https://192.0.2.1/a")]
    public void Name_WithoutAHost_IsRefused(int kind, string name)
    {
        Assert.False(Allows(kind, name, Permitting(kind, "example.org")));
        Assert.False(Allows(kind, name, Excluding(kind, "corp.example")));
        Assert.True(Allows(kind, name, Root));
    }

    [Fact]
    public void Names_AreAllHeld_ByAllAuthorities_AndTheOneThatMayNotIsTold()
    {
        var above = new ClientAuthority("Above", Excluding(Dns, "corp.example"), ClientAuthority.Authority with
        {
            Permitted = (Dns, "example.org"),
        });
        var below = new ClientAuthority("Below", above);
        Assert.Null(Refuser(below, (Dns, "a.example.org"), (Dns, "b.example.org"), (Mail, "a@example.com")));
        Assert.Equal("CN=Above", Refuser(below, (Dns, "a.example.org"), (Dns, "b.example.com")));
        Assert.Equal("CN=Above", Refuser(below, (Dns, "corp.example")));
        var permitted = new ClientAuthority("Below", Excluding(Dns, "corp.example.org"), ClientAuthority.Authority with
        {
            Permitted = (Dns, "example.org"),
        });
        Assert.Equal("CN=Excluding", Refuser(permitted, (Dns, "a.CORP.example.org")));
        Assert.Null(Refuser(permitted, (Dns, "a.example.org")));
    }

    /// <summary>RFC 5280 §4.2.1.10: "the minimum MUST be zero, and maximum MUST be absent"; its tag is that of mail.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Constraint_OfADepth_IsNone(int tag)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, "example.org", new Asn1Tag(TagClass.ContextSpecific, Dns));
            writer.WriteInteger(1, new Asn1Tag(TagClass.ContextSpecific, tag));
        }
        var authority = new ClientAuthority("Deep", Root, ClientAuthority.Authority with
        {
            Extensions = [new X509Extension("2.5.29.30", writer.Encode(), critical: true)],
        });
        Assert.Throws<AsnContentException>(() => Allows(Mail, "alice@example.org", authority));
    }

    private static ClientAuthority Permitting(int kind, string name) =>
        new("Permitting", Root, ClientAuthority.Authority with { Permitted = (kind, name) });

    private static ClientAuthority Excluding(int kind, string name) =>
        new("Excluding", Root, ClientAuthority.Authority with { Excluded = (kind, name) });

    private static bool Allows(int kind, string name, ClientAuthority authority)
    {
        using var leaf = authority.Issue(new Leaf { Extensions = [ClientAuthority.NamesOf((kind, name))] });
        return NameConstraints.Refuser(authority.PathOf(leaf), kind) is null;
    }

    private static string? Refuser(ClientAuthority authority, params (int Tag, string Name)[] names)
    {
        using var leaf = authority.Issue(new Leaf { Extensions = [ClientAuthority.NamesOf(names)] });
        return NameConstraints.Refuser(authority.PathOf(leaf), names[0].Tag)?.Name;
    }
}
