using System.Security.Cryptography;
using System.Text;
using Relay.Node.Users;

namespace Relay.Node.Tests.Users;

public class UserFileTests
{
    private static readonly AgeNote Age = new(
        TimeSpan.FromSeconds(12.5), DateTimeOffset.UnixEpoch.AddDays(20_000), "9f0c1d2e-3a4b-4c5d-8e6f-708192a3b4c5",
        TimeSpan.FromHours(3));

    private static readonly UserSet Users = SampleUsers.Set(
        1_700_000_000_123, SampleUsers.User("alice", devices: 2, expires: DateTimeOffset.UnixEpoch.AddYears(60)),
        SampleUsers.User("bob"), SampleUsers.User("carol") with { IsDisabled = true }, SampleUsers.User("dave", devices: 0));

    [Fact]
    public void Users_AreReadAsTheyWereWritten()
    {
        Assert.True(UserFile.TryRead(Write(Users, Age), out var read, out var age, out var error), error);
        Assert.Equal(Age, age);
        Assert.Equal((Users.Position, Users.Count), (read.Position, read.Count));
        Assert.Equal(Users.Table.All, read.Table.All);
        Assert.Equal(["carol", "dave"], read.Barred.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Users_OfAnUnknownBoot_AreReadToo()
    {
        Assert.True(UserFile.TryRead(Write(Users, Age with { Boot = null }), out _, out var age, out _));
        Assert.Null(age.Boot);
    }

    [Fact]
    public void ManyUsers_AreReadAsTheyWereWritten_EachNameOnce()
    {
        var many = SampleUsers.Set(1, [.. Enumerable.Range(0, 3000).Select(static i => SampleUsers.User($"user-{i}", devices: 3))]);
        Assert.True(UserFile.TryRead(Write(many, Age), out var read, out _, out _));
        Assert.Equal(many.Table.All, read.Table.All);
        Assert.Equal(3000, read.Table.All.Select(static secret => secret.User).Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    [Fact]
    public void TornAnywhere_IsNotReadAtAll()
    {
        var whole = Write(Users, Age);
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.False(UserFile.TryRead(whole.AsSpan(0, length), out _, out _, out var error));
            Assert.NotEmpty(error);
        }
    }

    [Fact]
    public void ChangedInAnyByte_IsNotReadAtAll()
    {
        var whole = Write(Users, Age);
        for (var i = 0; i < whole.Length; i++)
        {
            whole[i] ^= 1;
            Assert.False(UserFile.TryRead(whole, out _, out _, out _));
            whole[i] ^= 1;
        }
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("alice:sha256$00\n", "it is no file of users")]
    [InlineData("relay-users 1\nstore ", "its end is missing: it was not written whole")]
    public void NoFileOfUsers_IsNamedSo(string content, string error)
    {
        Assert.False(UserFile.TryRead(Encoding.ASCII.GetBytes(content), out _, out _, out var found));
        Assert.Equal(error, found);
    }

    [Fact]
    public void ChangedContent_IsNamedSo()
    {
        var text = Encoding.ASCII.GetString(Write(Users, Age)).Replace("alice", "mally", StringComparison.Ordinal);
        Assert.False(UserFile.TryRead(Encoding.ASCII.GetBytes(text), out _, out _, out var error));
        Assert.Equal("it has changed since it was written: its SHA-256 is another", error);
    }

    // As somebody writes who knows how the end is made.
    [Theory]
    [InlineData("relay-users 1", "relay-users 2", "line 1: another format than 'relay-users 1', of another version of the program")]
    [InlineData("store ", "stores ", "line 2: expected 'store', its id and a version")]
    [InlineData("1700000000123", "0", "line 2: expected 'store', its id and a version")]
    [InlineData("age 12500", "age -1", "line 3: expected 'age' and what it is of")]
    [InlineData("age 12500", "age 99999999999999999", "line 3: expected 'age' and what it is of")]
    [InlineData("bob ", "Bob ", "line 7: expected a user's name, and a SHA-256 in base64 with its end, or nothing more")]
    [InlineData(" -\n", " - -\n", "line 7: expected a user's name, and a SHA-256 in base64 with its end, or nothing more")]
    [InlineData(" -\n", " soon\n", "line 7: expected a user's name, and a SHA-256 in base64 with its end, or nothing more")]
    [InlineData("carol\n", "carol x\n", "line 4: expected a user's name, and a SHA-256 in base64 with its end, or nothing more")]
    [InlineData("dave\n", "carol\n", "line 5: expected a user's name, and a SHA-256 in base64 with its end, or nothing more")]
    public void Fault_IsNamedWithItsLine(string was, string becomes, string error)
    {
        // In an order of its own, which hashes do not say: bob is the last.
        var lines = Encoding.ASCII.GetString(Write(Users, Age)).Split('\n')[..^2];
        var text = string.Join('\n', [
            .. lines[..3], "carol", "dave", lines.First(static line => line.StartsWith("alice ", StringComparison.Ordinal)),
            lines.Single(static line => line.StartsWith("bob ", StringComparison.Ordinal)), ""]);
        Assert.True(UserFile.TryRead(Sealed(text), out _, out _, out var none), none);
        var changed = text.Replace(was, becomes, StringComparison.Ordinal);
        Assert.NotEqual(text, changed);
        Assert.False(UserFile.TryRead(Sealed(changed), out _, out _, out var found));
        Assert.Equal(error, found);
    }

    [Fact]
    public void OneCredential_OfTwoUsers_IsNamed()
    {
        var lines = Encoding.ASCII.GetString(Write(Users, Age)).Split('\n')[..^2];
        var bob = lines.Single(static line => line.StartsWith("bob ", StringComparison.Ordinal));
        Assert.False(UserFile.TryRead(
            Sealed(string.Join('\n', [.. lines, "eve" + bob[3..], ""])), out _, out _, out var error));
        Assert.StartsWith("a credential is there twice", error, StringComparison.Ordinal);
    }

    private static byte[] Sealed(string text) =>
        Encoding.ASCII.GetBytes($"{text}sha256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)))}\n");

    private static byte[] Write(UserSet users, AgeNote age)
    {
        using var file = new MemoryStream();
        UserFile.Write(file, users, age);
        return file.ToArray();
    }
}
