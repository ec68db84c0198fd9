namespace Relay.Node.Sessions;

/// <summary>By what a session is known.</summary>
internal enum IdentityKind
{
    /// <summary>By nothing.</summary>
    Anonymous,

    /// <summary>By the client's certificate.</summary>
    Certificate,

    /// <summary>By the name of a Basic or Bearer credential.</summary>
    Credential,

    /// <summary>By the name of one of the fleet's users.</summary>
    User,

    /// <summary>By an issuer and what it calls the bearer of its token.</summary>
    Jwt,
}

/// <summary>Who a session belongs to, as limits, logs and the fleet see it. Immutable.</summary>
/// <param name="Kind">By what it is known.</param>
/// <param name="Name">
/// The certificate's SHA-256 in lower-case hexadecimal, or <c>san:</c> and the name in it; the name of the credential or user;
/// whose a token is; else empty.
/// </param>
internal sealed record SessionIdentity(IdentityKind Kind, string Name)
{
    // No hexadecimal digits.
    private const string Subject = "san:";

    /// <summary>A session of nobody in particular.</summary>
    public static SessionIdentity Anonymous { get; } = new(IdentityKind.Anonymous, "");

    /// <summary>
    /// <c>certificate:9f86d0…</c>, <c>cert:san:email:a@b.example</c>, <c>credential:alice</c>, <c>jwt:https://id.example|alice</c>,
    /// <c>user:alice</c> or <c>anonymous</c>: the same for every session of the same client, and never the same for two kinds.
    /// </summary>
    public string Text { get; } = Kind switch
    {
        IdentityKind.Certificate => (Name.StartsWith(Subject, StringComparison.Ordinal) ? "cert:" : "certificate:") + Name,
        IdentityKind.Credential => "credential:" + Name,
        IdentityKind.User => "user:" + Name,
        IdentityKind.Jwt => "jwt:" + Name,
        _ => "anonymous",
    };

    /// <summary>The client that holds a certificate.</summary>
    /// <param name="sha256">The hash of its DER form.</param>
    public static SessionIdentity OfCertificate(ReadOnlySpan<byte> sha256) =>
        new(IdentityKind.Certificate, Convert.ToHexStringLower(sha256));

    /// <summary>The client whose certificate has a name that its authority has put into it.</summary>
    /// <param name="name">The name's kind, a colon and the name.</param>
    public static SessionIdentity OfSubject(string name) => new(IdentityKind.Certificate, Subject + name);

    /// <summary>The client that knows a credential.</summary>
    /// <param name="name">As its file names it.</param>
    public static SessionIdentity OfCredential(string name) => new(IdentityKind.Credential, name);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
