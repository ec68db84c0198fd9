using Relay.Node.Tokens;
using Relay.Testing.Tokens;

namespace Relay.Node.Tests.Tokens;

public sealed class VerifiedTokensTests : IDisposable
{
    private static readonly DateTime Now = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly VerifiedTokens _tokens = new();
    private readonly TestIssuer _issuer = new();
    private readonly JwtKey _key;

    public VerifiedTokensTests() => _key = JwtKeySetTests.Read(_issuer).Find("one", "ES256")!;

    public void Dispose() => _issuer.Dispose();

    [Fact]
    public void Key_OfATokenIsTheProcesssOwn()
    {
        Assert.Equal(_tokens.KeyOf("a"u8), _tokens.KeyOf("a"u8));
        Assert.NotEqual(_tokens.KeyOf("a"u8), _tokens.KeyOf("b"u8));
        Assert.NotEqual(_tokens.KeyOf("a"u8), new VerifiedTokens().KeyOf("a"u8));
    }

    [Fact]
    public void Tokens_AreBoundedByNumber_AndWhatIsOverGoesFirst()
    {
        for (var i = 0; i < VerifiedTokens.MaxTokens; i++)
            Add(i, "name", over: i % 2 == 0);
        Assert.Equal(VerifiedTokens.MaxTokens, _tokens.Count);
        Add(-1, "name", over: false);
        Assert.Equal((VerifiedTokens.MaxTokens / 2) + 1, _tokens.Count);
        Assert.NotNull(_tokens.Find(1));
        Assert.Null(_tokens.Find(2));
        for (var i = 0; i < 2 * VerifiedTokens.MaxTokens; i++)
        {
            Add(100_000 + i, "name", over: false);
            Assert.InRange(_tokens.Count, 1, VerifiedTokens.MaxTokens);
        }
    }

    [Fact]
    public void Tokens_AreBoundedByTheirCharacters()
    {
        var name = new string('a', 252);
        var fit = VerifiedTokens.MaxCharacters / name.Length;
        for (var i = 0; i < fit; i++)
            Add(i, name, over: false);
        // The same again takes the place of what was there.
        for (var i = 0; i < fit; i++)
            Add(i, name, over: false);
        Assert.Equal(fit, _tokens.Count);
        Add(-1, name, over: false);
        Assert.Equal(1, _tokens.Count);
        Assert.NotNull(_tokens.Find(unchecked((UInt128)(-1))));
    }

    private void Add(int key, string name, bool over) => _tokens.Add(
        unchecked((UInt128)key), new VerifiedToken(name, _key, Now, Now.AddMinutes(over ? -10 : 10)),
        static token => token.Until < Now);
}
