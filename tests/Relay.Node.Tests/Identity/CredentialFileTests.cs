using System.Text;
using Relay.Hosting.Credentials;
using Relay.Node.Credentials;

namespace Relay.Node.Tests.Identity;

public class CredentialFileTests
{
    private const string Zeros = "0000000000000000000000000000000000000000000000000000000000000000";

    [Fact]
    public void Password_WrittenAndRead_VerifiesItAndNoOther()
    {
        var text = PasswordHash.Create("pässword"u8, iterations: 1000).ToString();
        Assert.StartsWith("pbkdf2-sha256$1000$", text, StringComparison.Ordinal);
        Assert.True(PasswordHash.TryParse(text, out var hash, out _));
        Assert.True(hash.Verify("pässword"u8));
        Assert.False(hash.Verify("password"u8));
        Assert.False(hash.Verify(""u8));
        Assert.NotEqual(text, PasswordHash.Create("pässword"u8, iterations: 1000).ToString());
    }

    [Fact]
    public void Password_OfAnotherImplementation_IsVerified()
    {
        // The fifth case of RFC 6070, with SHA-256.
        var derived = Convert.FromHexString("348C89DBCBD32B2F32D814B8116E84CF2B17347EBC1800181C4E2A1FB8DD53E1");
        var salt = Convert.ToBase64String("saltSALTsaltSALTsaltSALTsaltSALTsalt"u8);
        Assert.True(PasswordHash.TryParse(
            $"pbkdf2-sha256$4096${salt}${Convert.ToBase64String(derived)}", out var hash, out _));
        Assert.True(hash.Verify("passwordPASSWORDpassword"u8));
    }

    [Fact]
    public void Token_Hash_IsTheOneOfSha256sum()
    {
        // printf abc | sha256sum
        Assert.Equal(
            "sha256$ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            TokenHash.Create("abc"u8).ToString());
    }

    [Fact]
    public void File_CommentsAndBlankLines_SayNothing()
    {
        Assert.True(Read(
            $"\uFEFF# tokens\r\n\r\n  a:sha256${Zeros}\r\n#b:x\nc@example.org:sha256${Zeros}", out var entries, out _));
        Assert.Equal(["a", "c@example.org"], entries!.Keys);
    }

    [Theory]
    [InlineData("a", "line 1: expected a name of 1 to 128 visible ASCII characters, a colon and a hash")]
    [InlineData("\n:sha256$" + Zeros,
        "line 2: expected a name of 1 to 128 visible ASCII characters, a colon and a hash")]
    [InlineData("a b:sha256$" + Zeros,
        "line 1: expected a name of 1 to 128 visible ASCII characters, a colon and a hash")]
    [InlineData("a:secret-in-the-clear", "line 1: a: expected sha256$ and 64 hexadecimal digits")]
    [InlineData("a:sha256$" + Zeros + "\na:sha256$" + Zeros, "line 2: a is there twice")]
    public void File_NotUnderstood_NamesTheLineAndNoSecret(string content, string error)
    {
        Assert.False(Read(content, out _, out var actual));
        Assert.Equal(error, actual);
    }

    [Theory]
    [InlineData("hunter2")]
    [InlineData("pbkdf2-sha256$999$c2FsdHNhbHQ=$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("pbkdf2-sha256$10000001$c2FsdHNhbHQ=$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("pbkdf2-sha256$1000$c2FsdA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("pbkdf2-sha256$1000$c2FsdHNhbHQ=$AAAA")]
    [InlineData("pbkdf2-sha256$1000$not base64$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void Password_NotUnderstood_IsAnErrorWithoutTheText(string text)
    {
        Assert.False(PasswordHash.TryParse(text, out _, out var error));
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    private static bool Read(string content, out Dictionary<string, TokenHash>? entries, out string? error) =>
        CredentialFile.TryRead<TokenHash>(Encoding.UTF8.GetBytes(content), TokenHash.TryParse, out entries, out error);
}
