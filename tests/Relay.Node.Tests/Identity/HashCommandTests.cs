using System.Text;
using Relay.Hosting.Credentials;
using Relay.Node.Credentials;
using Relay.Node.Hosting;

namespace Relay.Node.Tests.Identity;

public sealed class HashCommandTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void HashPassword_WritesALineOfTheFile()
    {
        Assert.Equal(0, Run("correct horse\nnot this\n", "hash-password", "alice"));
        Assert.True(CredentialFile.TryRead<PasswordHash>(
            Encoding.UTF8.GetBytes(_output.ToString()), PasswordHash.TryParse, out var entries, out _));
        Assert.Equal(PasswordHash.DefaultIterations, entries["alice"].Iterations);
        Assert.True(entries["alice"].Verify("correct horse"u8));
    }

    [Fact]
    public void HashToken_Given_WritesALineOfTheFile()
    {
        Assert.Equal(0, Run("kC6m1r0Yq7F3bV9tXw2pLz\n", "hash-token", "robot"));
        Assert.Equal($"robot:{TokenHash.Create("kC6m1r0Yq7F3bV9tXw2pLz"u8)}", _output.ToString().Trim());
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public void HashToken_Generated_ShowsTheTokenApartFromTheLine()
    {
        Assert.Equal(0, Run("", "hash-token", "robot", "--generate"));
        var token = _error.ToString().Trim();
        Assert.Equal(43, token.Length);
        Assert.Equal($"robot:{TokenHash.Create(Encoding.ASCII.GetBytes(token))}", _output.ToString().Trim());
    }

    [Theory]
    [InlineData("", "hash-password", "alice")]
    [InlineData("short\n", "hash-token", "robot")]
    [InlineData("with a space in it, and long enough\n", "hash-token", "robot")]
    [InlineData("x\n", "hash-password")]
    [InlineData("x\n", "hash-password", "a:b")]
    [InlineData("x\n", "hash-password", "alice", "--generate")]
    public void Hash_WrongUse_IsOneLineAndStatusTwo(string input, params string[] arguments)
    {
        Assert.Equal(2, Run(input, arguments));
        Assert.Equal("", _output.ToString());
        Assert.StartsWith(
            "relay-node: ", Assert.Single(_error.ToString().Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_Arguments_AreNotItsOwn()
    {
        Assert.Null(Run("", "--help"));
        Assert.Null(Run(""));
    }

    private int? Run(string input, params string[] arguments) =>
        HashCommand.TryRun(arguments, new StringReader(input), _output, _error);
}
