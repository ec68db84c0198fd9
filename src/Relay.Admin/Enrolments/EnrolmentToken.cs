using System.Buffers.Text;
using Relay.Fleet.Users;
using Relay.Hosting.Credentials;

namespace Relay.Admin.Enrolments;

/// <summary>What the link of an enrolment ends with: 256 random bits in base64url. Kept of it is its hash alone.</summary>
/// <param name="Text">The token: a secret.</param>
internal readonly record struct EnrolmentToken(string Text)
{
    private const int Length = 43;

    /// <summary>A new one.</summary>
    public static EnrolmentToken Create() => new(TokenHash.NewToken());

    /// <summary>Whether a text could be one.</summary>
    public static bool IsToken(string text) => text.Length == Length && Base64Url.IsValid(text);

    /// <summary>See <see cref="Relay.Fleet.Contract.Enrolment.Sha256"/>.</summary>
    public string Hash => DeviceSecret.HashOf(Text);

    /// <summary>Not what it is: it goes into no log.</summary>
    public override string ToString() => "…";
}
