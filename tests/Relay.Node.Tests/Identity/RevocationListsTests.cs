using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Relay.Native;
using Relay.Native.Trust;

namespace Relay.Node.Tests.Identity;

/// <summary>Files of what is revoked: what is read, and what is refused by name.</summary>
public class RevocationListsTests
{
    private static readonly ClientAuthority Authority = new();

    /// <summary>A quarter of its time before it is over, and a day at most.</summary>
    [Fact]
    public void File_OfSeveral_TellsOfTheFirstThatIsLate()
    {
        var now = DateTimeOffset.UtcNow;
        var lists = RevocationLists.Read(
        [
            .. Authority.Revoke(TimeSpan.FromDays(-1), TimeSpan.FromDays(30)), (byte)'\n',
            .. Authority.Revoke(TimeSpan.FromDays(-1), TimeSpan.FromDays(3)),
        ]);
        Assert.Null(lists.EndOfLate(now));
        Assert.Null(lists.EndOfLate(now.AddDays(1.9)));
        foreach (var days in (double[])[2.1, 4, 40])
            Assert.InRange(lists.EndOfLate(now.AddDays(days))!.Value, now.AddDays(3).AddMinutes(-1), now.AddDays(3).AddMinutes(1));
    }

    [Fact]
    public void File_InDer_IsRead()
    {
        var der = Authority.Revoke(TimeSpan.FromHours(-1), TimeSpan.FromHours(-0.5));
        var text = Encoding.ASCII.GetString(der);
        var binary = Convert.FromBase64String(text[PemEncoding.Find(text).Base64Data]);
        Assert.NotNull(RevocationLists.Read(binary).EndOfLate(DateTimeOffset.UtcNow));
        Assert.StartsWith("list 1 cannot be used: ", Fault(binary[..^1]), StringComparison.Ordinal);
    }

    /// <summary>One that nobody here can verify would keep everybody out, and say nothing.</summary>
    [Fact]
    public void List_SignedByWhatIsNotKnown_IsRefused() => Assert.Equal(
        "list 1 cannot be used: the signature's algorithm 1.3.101.112 is none of ECDSA and RSA with SHA-256, -384 or -512",
        Fault(Authority.Revoke(new ClientList { Algorithm = "1.3.101.112" })));

    [Fact]
    public void File_WithoutAList_IsRefused()
    {
        Assert.Equal("there is no list of revoked certificates", Fault(Authority.Pem));
        Assert.Equal("there is no list of revoked certificates", Fault([]));
    }

    [Fact]
    public void List_OfSomethingElse_IsRefusedByNumber() => Assert.StartsWith(
        "list 2 cannot be used: ",
        Fault([.. Authority.Revoke(), .. Encoding.ASCII.GetBytes("\n-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")]),
        StringComparison.Ordinal);

    /// <summary>RFC 5280 §5.2: what is critical has to be understood.</summary>
    [Fact]
    public void List_WithSomethingCritical_IsRefused() => Assert.Equal(
        "list 1 cannot be used: the critical extension 2.5.29.54 is not understood",
        Fault(Authority.Revoke(new ClientList { Extensions = [new X509Extension("2.5.29.54", [5, 0], true)] })));

    /// <summary>RFC 5280 §5.2.4, also where it is not said to be critical.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void List_OfChanges_IsRefused(bool critical) => Assert.Equal(
        "list 1 cannot be used: it is of what has changed only (extension 2.5.29.27)",
        Fault(Authority.Revoke(new ClientList { Extensions = [new X509Extension("2.5.29.27", [2, 1, 1], critical)] })));

    /// <summary>RFC 5280 §5.2.5: of some reasons, of others' certificates, of attributes.</summary>
    [Theory]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void List_OfSomethingOnly_IsRefused(int only, bool critical) => Assert.Equal(
        "list 1 cannot be used: it is of some reasons, of other authorities' certificates or of attributes only",
        Fault(Authority.Revoke(new ClientList { Extensions = [ClientList.Scope(null, only, critical)] })));

    /// <summary>What is missing would be missed by nobody.</summary>
    [Fact]
    public void File_CutOff_IsRefused()
    {
        byte[] two = [.. Authority.Revoke(), (byte)'\n', .. Authority.Revoke()];
        _ = RevocationLists.Read(two);
        Assert.Equal("2 PEM blocks begin, of which 1 can be read", Fault(two[..^10]));
        Assert.Equal("2 PEM blocks begin, of which 1 can be read", Fault(two[..(two.Length / 2 + 20)]));
        var der = new ClientList().Sign(Authority.Certificate);
        _ = RevocationLists.Read(der);
        Assert.StartsWith("list 1 cannot be used: ", Fault([.. der, .. der]), StringComparison.Ordinal);
        Assert.StartsWith("list 1 cannot be used: ", Fault([.. der, 0]), StringComparison.Ordinal);
    }

    [Fact]
    public void File_OfTooManyLists_IsRefused()
    {
        var one = Authority.Revoke();
        Assert.Equal(
            "more than 1024 lists",
            Fault([.. Enumerable.Repeat(one.Append((byte)'\n'), RevocationLists.MaxLists + 1).SelectMany(static list => list)]));
    }

    /// <summary>What has been replaced is not late.</summary>
    [Fact]
    public void File_WithAnOldList_TellsOfTheNewOne()
    {
        var old = Authority.Revoke(new ClientList { From = TimeSpan.FromDays(-3), To = TimeSpan.FromMinutes(-1) });
        Assert.NotNull(RevocationLists.Read(old).EndOfLate(DateTimeOffset.UtcNow));
        byte[] both = [.. old, (byte)'\n', .. Authority.Revoke(new ClientList { To = TimeSpan.FromDays(30) })];
        Assert.Null(RevocationLists.Read(both).EndOfLate(DateTimeOffset.UtcNow));
        // One of other certificates replaces nothing.
        both = [.. old, (byte)'\n', .. Authority.Revoke(new ClientList { Extensions = [ClientList.Scope(null, 1)] })];
        Assert.NotNull(RevocationLists.Read(both).EndOfLate(DateTimeOffset.UtcNow));
    }

    /// <summary>A hold that was lifted is in the older list only.</summary>
    [Fact]
    public void Certificate_InAnOldListOnly_IsNotRevoked()
    {
        using var leaf = Authority.Issue(new Leaf());
        var path = Authority.PathOf(leaf);
        var old = Authority.Revoke(new ClientList { From = TimeSpan.FromHours(-2), Revoked = [leaf] });
        Assert.Equal("CN=Clients has revoked a certificate", FaultOf(path, old));
        Assert.Null(FaultOf(path, [.. old, (byte)'\n', .. Authority.Revoke(new ClientList())]));
        var over = new ClientList { From = TimeSpan.FromHours(-1), To = TimeSpan.FromMinutes(-1) };
        Assert.NotNull(FaultOf(path, [.. old, (byte)'\n', .. Authority.Revoke(over)]));
    }

    /// <summary>RFC 5280 §7.1: a name is the same in whatever string.</summary>
    [Theory]
    [InlineData(UniversalTagNumber.UTF8String, "Clients")]
    [InlineData(UniversalTagNumber.PrintableString, "CLIENTS ")]
    public void Authority_WhoseNameIsEncodedOtherwise_HasItsListAsked(UniversalTagNumber encoding, string name)
    {
        var root = new ClientAuthority("Root");
        var middle = new ClientAuthority("Clients", root);
        using var leaf = middle.Issue(new Leaf());
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("2.5.4.3");
            writer.WriteCharacterString(encoding, name);
        }
        var other = new X500DistinguishedName(writer.Encode());
        Assert.NotEqual(other.RawData, middle.Certificate.SubjectName.RawData);
        var list = middle.Revoke(new ClientList { Issuer = other, Revoked = [leaf] });
        Assert.Equal("CN=Clients has revoked a certificate", FaultOf(middle.PathOf(leaf), list));
    }

    [Fact]
    public void Authorities_WithoutAList_OrRevoked_OrWithAListWithoutAnEnd_AreNamed()
    {
        var (root, other) = (new ClientAuthority("Root"), new ClientAuthority("Other"));
        var middle = new ClientAuthority("Middle", root);
        Assert.Empty(Notices(root.Revoke(), [root]));
        Assert.Equal(["there is no list of what CN=Other has revoked: nobody whom it signed is let in"], Notices(root.Revoke(), [root, other]));
        Assert.Empty(Notices(root.Revoke(), [root, other], takesIntermediates: true));
        // One of authorities is none of clients.
        Assert.Single(Notices(root.Revoke(new ClientList { Extensions = [ClientList.Scope(null, 2)] }), [root]));
        Assert.Equal(
            ["CN=Middle is revoked, which counts for nothing as long as it is among the authorities that are trusted"],
            Notices(root.Revoke(middle), [root, middle], takesIntermediates: true));
        Assert.Equal(
            ["the list of CN=Root does not say when the next is due: it counts until it is replaced"],
            Notices(root.Revoke(new ClientList { To = null }), [root]));
    }

    [Fact]
    public void File_TooLarge_IsRefused() =>
        Assert.Equal("larger than 16777216 bytes", Fault(new byte[RevocationLists.MaxLength + 1]));

    private static string Fault(byte[] pem) => Assert.Throws<TlsException>(() => RevocationLists.Read(pem)).Message;

    private static string? FaultOf(List<byte[]> path, byte[] lists) =>
        RevocationLists.Read(lists).FaultOf(path, DateTimeOffset.UtcNow);

    private static string[] Notices(byte[] lists, ClientAuthority[] authorities, bool takesIntermediates = false) =>
        [.. RevocationLists.Read(lists).Notices(authorities.Select(static authority => authority.Certificate), takesIntermediates)];
}
