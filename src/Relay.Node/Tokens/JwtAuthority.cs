using System.Text;

namespace Relay.Node.Tokens;

/// <summary>An issuer whose tokens are accepted: what it has to say of them, its keys, and which tokens were verified.</summary>
/// <param name="policy">Which tokens are accepted.</param>
/// <param name="clock">The wall clock.</param>
internal sealed class JwtAuthority(JwtPolicy policy, TimeProvider clock)
{
    private readonly JwtReader _reader = new(policy);
    private readonly VerifiedTokens _verified = new();
    private volatile JwtKeySet? _keys;

    /// <summary>Gets newer keys where a token names one that is not known; null where nobody does.</summary>
    public IKeyRenewal? Renewal { get; set; }

    /// <summary>Hears why a token is refused; null where nobody does.</summary>
    public Action<JwtFault>? Refused { get; set; }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Replaces the keys. A token that was verified by one that is there no more is not accepted again.</summary>
    public void Use(JwtKeySet keys) => _keys = keys;

    /// <summary>A token for this process alone.</summary>
    public UInt128 KeyOf(ReadOnlySpan<byte> token) => _verified.KeyOf(token);

    /// <summary>Whose a token is that was verified before and is still good; otherwise null. From any thread.</summary>
    public string? FindVerified(UInt128 key) =>
        _verified.Find(key) is { } token && FaultOf(token, Now) == JwtFault.None ? token.Name : null;

    /// <summary>Verifies a token; takes long, and is not for two threads at a time.</summary>
    /// <param name="key">Of <see cref="KeyOf"/>.</param>
    /// <param name="token">What a client shows: ASCII.</param>
    public JwtVerdict Verify(UInt128 key, ReadOnlySpan<byte> token)
    {
        var now = Now;
        var verdict = _reader.Read(Encoding.ASCII.GetString(token), _keys, now);
        if (verdict.Token is { } verified)
            _verified.Add(key, verified, old => FaultOf(old, now) is not (JwtFault.None or JwtFault.NotYetValid));
        else
            Refused?.Invoke(verdict.Fault);
        return verdict;
    }

    private JwtFault FaultOf(VerifiedToken token, DateTime now) =>
        _keys?.Has(token.Key) == true ? VerifiedToken.FaultAt(token.From, token.Until, now) : JwtFault.UnknownKey;
}
