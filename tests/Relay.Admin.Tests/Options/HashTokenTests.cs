using System.Text;
using Relay.Admin.Identity;
using Relay.Admin.Options;

namespace Relay.Admin.Tests.Options;

public class HashTokenTests
{
    [Theory]
    [InlineData("otto", "operator")]
    [InlineData("edge-*", "node")]
    public void HashToken_Generated_FitsItsLine(string name, string role)
    {
        var (status, output, error) = Run("", "hash-token", name, role, "--generate");
        Assert.Equal(0, status);
        Assert.True(AdminToken.TryParse(output.Trim(), out var token, out _));
        Assert.Equal((name, role), (token.Name, token.Role.ToName()));
        Assert.True(TokenTable.TryRead(Encoding.UTF8.GetBytes(output), out var table, out _));
        Assert.Equal(token.Name, table.Find(Encoding.UTF8.GetBytes(error.Trim()))?.Name);
    }

    [Fact]
    public void HashToken_FromInput_HashesItsFirstLine()
    {
        var (status, output, error) = Run("0123456789abcdefghijkl\nmore\n", "hash-token", "vera", "viewer");
        Assert.Equal((0, ""), (status, error));
        Assert.True(TokenTable.TryRead(Encoding.UTF8.GetBytes(output), out var table, out _));
        Assert.NotNull(table.Find("0123456789abcdefghijkl"u8));
    }

    [Theory]
    [InlineData("hash-token")]
    [InlineData("hash-token", "otto")]
    [InlineData("hash-token", "otto", "king", "--generate")]
    [InlineData("hash-token", "ot:to", "operator", "--generate")]
    [InlineData("hash-token", "otto*", "operator", "--generate")]
    [InlineData("hash-token", "*-edge", "node", "--generate")]
    [InlineData("hash-token", "otto", "operator", "--generate", "--more")]
    [InlineData("hash-token", "otto", "operator")]
    public void HashToken_Wrong_SaysSoAndPrintsNoToken(params string[] arguments)
    {
        var (status, output, error) = Run("short\n", arguments);
        Assert.Equal((2, ""), (status, output));
        Assert.StartsWith("relay-admin: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void HashToken_OtherArguments_AreNotItsOwn() =>
        Assert.Null(HashTokenCommand.TryRun(["--version"], TextReader.Null, TextWriter.Null, TextWriter.Null));

    private static (int? Status, string Output, string Error) Run(string input, params string[] arguments)
    {
        using var reader = new StringReader(input);
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (HashTokenCommand.TryRun(arguments, reader, output, error), output.ToString(), error.ToString());
    }
}
