using Relay.Node.Server;

namespace Relay.Node.Tests.Lifecycle;

public sealed class StaticSecretsTests
{
    [Fact]
    public void Derive_SameKeyAndNode_IsTheSame()
    {
        var (first, second) = (StaticSecrets.Derive("key"u8, "a :443"), StaticSecrets.Derive("key"u8, "a :443"));

        Assert.Equal(first.Tokens, second.Tokens);
        Assert.Equal(first.Resets, second.Resets);
        Assert.NotEqual(first.Tokens, first.Resets);
        Assert.Equal((32, 32), (first.Tokens.Length, first.Resets.Length));
    }

    [Fact]
    public void Derive_AnotherNode_SharesTokensButNotResets()
    {
        var (first, second) = (StaticSecrets.Derive("key"u8, "a :443"), StaticSecrets.Derive("key"u8, "b :443"));

        Assert.Equal(first.Tokens, second.Tokens);
        Assert.NotEqual(first.Resets, second.Resets);
    }

    [Fact]
    public void Derive_NoKey_IsRandom() =>
        Assert.NotEqual(StaticSecrets.Derive([], "a :443").Resets, StaticSecrets.Derive([], "a :443").Resets);

    [Fact]
    public void Derive_AnotherKey_SharesNothing()
    {
        var (first, second) = (StaticSecrets.Derive("key"u8, "a :443"), StaticSecrets.Derive("kez"u8, "a :443"));

        Assert.NotEqual(first.Tokens, second.Tokens);
        Assert.NotEqual(first.Resets, second.Resets);
    }
}
