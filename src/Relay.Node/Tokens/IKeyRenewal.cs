namespace Relay.Node.Tokens;

/// <summary>Gets newer keys of an issuer.</summary>
internal interface IKeyRenewal
{
    /// <summary>Asks for them, or joins who has.</summary>
    /// <param name="then">Called once they are in use, or could not be had; on any thread.</param>
    /// <returns>False where they were asked for lately, or too many wait.</returns>
    bool TryAwait(Action then);
}
