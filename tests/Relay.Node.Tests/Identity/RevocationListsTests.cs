using System.Formats.Asn1;
using System.Security.Cryptography;
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
        Fault(Write("2.5.29.28", "1.3.101.112")));

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

    /// <summary>RFC 5280 §5.2.5: of some certificates only, say; and §5.2.4: of what has changed.</summary>
    [Theory]
    [InlineData("2.5.29.28")]
    [InlineData("2.5.29.27")]
    public void List_WithSomethingCritical_IsRefused(string extension) =>
        Assert.Equal($"list 1 cannot be used: the critical extension {extension} is not understood", Fault(Write(extension)));

    [Fact]
    public void File_TooLarge_IsRefused() =>
        Assert.Equal("larger than 16777216 bytes", Fault(new byte[RevocationLists.MaxLength + 1]));

    private static string Fault(byte[] pem) => Assert.Throws<TlsException>(() => RevocationLists.Read(pem)).Message;

    private static byte[] Write(string extension, string algorithm = "1.2.840.10045.4.3.2")
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);
                using (writer.PushSequence())
                    writer.WriteObjectIdentifier(algorithm);
                using (writer.PushSequence())
                {
                }
                writer.WriteUtcTime(DateTimeOffset.UtcNow);
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                using (writer.PushSequence())
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(extension);
                    writer.WriteBoolean(true);
                    writer.WriteOctetString([5, 0]);
                }
            }
            using (writer.PushSequence())
                writer.WriteObjectIdentifier(algorithm);
            writer.WriteBitString([0]);
        }
        return Encoding.ASCII.GetBytes(PemEncoding.WriteString("X509 CRL", writer.Encode()));
    }
}
